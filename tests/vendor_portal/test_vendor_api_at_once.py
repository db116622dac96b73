"""Deliveries beside each other and beside whoever is buying, and what they cost."""

import asyncio

import asyncpg
import pytest

from marketplace.accounts import vendor_keys
from marketplace.accounts.errors import TooManyKeys
from marketplace.accounts.vendor_keys import MOST_OPEN
from marketplace.inventory.models import FeedEvent, StockMovement
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from tests.conftest import Database
from tests.counting import counted_statements
from tests.factories import make_channel, make_offer, make_paid_order, make_vendor, member, stock_of
from tests.vendor_portal.systems import connect, event

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("committed_db")]


async def test_one_delivery_sent_by_several_at_once_counts_once() -> None:
    vendor = await make_vendor()
    mug, cup = await make_offer(vendor=vendor), await make_offer(vendor=vendor, sku="cup")
    till, store = await connect(vendor.id), await connect(vendor.id)
    delivery = [await event(mug, "a", 1, 9), await event(cup, "b", 1, 8)]
    # The same ids the other way round, each for the other shelf.
    crossed = [await event(mug, "b", 1, 7), await event(cup, "a", 1, 6)]

    answers = await asyncio.gather(
        *(system.told(*told) for told in (delivery, crossed) for system in (till, store))
    )

    assert sorted(answers) == [["applied"] * 2, *[["repeated"] * 2] * 3]
    left = {(await stock_of(mug.id))[0], (await stock_of(cup.id))[0]}
    assert left in ({9, 8}, {7, 6})
    async with transaction(SYSTEM, read_only=True):
        assert await FeedEvent.all().count() == 2
        assert await StockMovement.filter(kind="feed").count() == 2


async def test_pieces_that_are_being_paid_for_are_asked_about_again(committed_db: Database) -> None:
    mug = await make_offer(on_hand=2)
    await make_channel()
    await make_paid_order({mug.id: 2})
    till = await connect(mug.vendor_id)
    delivery = await event(mug, "a", 1, 0)
    paying = await asyncpg.connect(committed_db.owner_url)
    try:
        async with paying.transaction():
            await paying.execute("SET LOCAL souk.scope = 'all'")
            await paying.execute("SELECT FROM reservation FOR UPDATE")
            busy = await till.tell(delivery)
        assert await stock_of(mug.id) == (2, 2)
        later = await till.told(delivery)
    finally:
        await paying.close()

    assert (busy.status_code, busy.headers["retry-after"]) == (409, "1")
    assert busy.json()["error"]["code"] == "STOCK_BUSY"
    assert later == ["applied"]
    assert await stock_of(mug.id) == (0, 0)


async def test_of_many_keys_made_at_once_a_handful_is_open() -> None:
    vendor = await make_vendor()

    made = await asyncio.gather(
        *(connect(vendor.id) for _ in range(MOST_OPEN + 3)), return_exceptions=True
    )

    assert sum(isinstance(one, TooManyKeys) for one in made) == 3
    rows = await vendor_keys.of_vendor(principal=member(vendor.id), vendor_id=vendor.id)
    assert len(rows) == MOST_OPEN


async def test_a_delivery_takes_as_many_statements_whatever_it_holds() -> None:
    vendor = await make_vendor()
    offers = [await make_offer(vendor=vendor) for _ in range(12)]
    till = await connect(vendor.id)
    counts = []
    for round_, some in enumerate((offers[:1], offers)):
        delivery = [await event(offer, f"{round_}-{offer.id}", round_ + 1, 9) for offer in some]
        unknown = [one | {"id": f"x{one['id']}", "sku": "none"} for one in delivery]
        async with counted_statements() as statements:
            await till.tell(*delivery, *unknown)
        counts.append(len(statements))

    assert counts[0] == counts[1] < 30
    assert [await stock_of(offer.id) for offer in offers] == [(9, 0)] * 12
