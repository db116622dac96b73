"""A vendor hears that something runs low: once, and again only after it was refilled."""

import asyncio

import pytest

from marketplace.inventory import adjusting, alerting
from marketplace.inventory.models import Stock
from marketplace.kit.errors import InvalidInput
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.outbox.models import OutboxEvent
from tests.factories import NOON, make_offer, make_order, member

pytestmark = pytest.mark.anyio


async def a_watched_shelf(*, on_hand: int, low_at: int) -> Stock:
    mug = await make_offer(on_hand=on_hand)
    async with transaction(SYSTEM):
        stock = await Stock.get(offer_id=mug.id)
    return await adjusting.set_levels(
        principal=member(stock.vendor_id), stock_id=stock.id, safety=1, low_at=low_at
    )


async def adjust(stock: Stock, change_from: int, to: int) -> None:
    await adjusting.adjust(
        principal=member(stock.vendor_id), stock_id=stock.id, change_from=change_from, to=to,
        reason="x", now=NOON,
    )  # fmt: skip


async def told() -> int:
    async with transaction(SYSTEM, read_only=True):
        return await OutboxEvent.filter(name=alerting.LOW).count()


@pytest.mark.usefixtures("db")
async def test_falling_is_told_once_and_again_only_after_a_refill() -> None:
    stock = await a_watched_shelf(on_hand=5, low_at=2)
    heard = []
    for change in ((5, 4), (4, 3), (3, 2), (2, 9), (9, 1)):
        await adjust(stock, *change)
        await alerting.look(now=NOON)
        await alerting.look(now=NOON)
        heard.append(await told())

    assert heard == [0, 1, 1, 1, 2]


@pytest.mark.usefixtures("db")
async def test_what_is_sold_counts_as_gone() -> None:
    stock = await a_watched_shelf(on_hand=5, low_at=2)
    await make_order({stock.offer_id: 2})

    assert await alerting.look(now=NOON) == 1


@pytest.mark.usefixtures("db")
async def test_who_does_not_ask_is_not_told() -> None:
    stock = await a_watched_shelf(on_hand=1, low_at=2)
    await adjusting.set_levels(
        principal=member(stock.vendor_id), stock_id=stock.id, safety=0, low_at=None
    )

    assert await alerting.look(now=NOON) == 0
    with pytest.raises(InvalidInput):
        await adjusting.set_levels(
            principal=member(stock.vendor_id), stock_id=stock.id, safety=-1, low_at=None
        )


@pytest.mark.usefixtures("committed_db")
async def test_two_that_look_at_once_tell_once() -> None:
    await a_watched_shelf(on_hand=1, low_at=2)

    found = await asyncio.gather(*(alerting.look(now=NOON) for _ in range(4)))

    assert sum(found) == await told() == 1
