"""What can be promised: from the shelf, from deliveries, and ahead of both."""

from datetime import date, timedelta

import pytest

from marketplace.inventory import promising, receiving, selling_ahead
from marketplace.inventory.models import AheadKind, Location, Stock
from marketplace.inventory.promising import Promise, PromiseKind
from marketplace.kit.principal import SYSTEM
from tests.factories import GUEST, NOON, make_offer, make_order
from tests.inventory.shelves import add_shelf

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

TODAY = NOON.date()


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


async def promised(stock: Stock, *, destination: str | None = None) -> Promise:
    found = await promising.promise(
        principal=GUEST, offer_ids=[stock.offer_id], now=NOON, destination=destination
    )
    return found[stock.offer_id]


async def a_shelf(*, on_hand: int) -> Stock:
    mug = await make_offer(on_hand=on_hand)
    return await Stock.get(offer_id=mug.id)


async def coming(stock: Stock, *, pieces: int, days: int) -> None:
    await receiving.announce(
        principal=SYSTEM, stock_id=stock.id, pieces=pieces, expected_on=in_days(days),
        reference="PO", key=f"{pieces}:{days}", now=NOON,
    )  # fmt: skip


async def sold_ahead(stock: Stock, *, limit: int, lead_days: int | None = None,
                     release: date | None = None) -> None:  # fmt: skip
    kind = AheadKind.BACKORDER if release is None else AheadKind.PRE_ORDER
    await selling_ahead.allow(
        principal=SYSTEM, offer_id=stock.offer_id, kind=kind, limit=limit, lead_days=lead_days,
        release_on=release, now=NOON,
    )  # fmt: skip


def steps(promise: Promise) -> list[tuple[int, int, str]]:
    [shelf] = promise.shelves
    return [((step.on - TODAY).days, step.pieces, step.kind.value) for step in shelf]


async def test_what_is_on_the_shelf_leaves_today_and_no_more_than_is_for_sale() -> None:
    stock = await a_shelf(on_hand=5)
    await make_order({stock.offer_id: 2})
    await coming(stock, pieces=9, days=3)

    promise = await promised(stock)

    assert steps(promise) == [(0, 3, "on_hand")]
    assert promise.leaving(4) is None


async def test_pieces_sold_ahead_wait_for_deliveries_and_then_for_the_lead_time() -> None:
    stock = await a_shelf(on_hand=2)
    await sold_ahead(stock, limit=8, lead_days=20)
    await coming(stock, pieces=3, days=4)
    await coming(stock, pieces=2, days=9)

    promise = await promised(stock)

    assert steps(promise) == [
        (0, 2, "on_hand"), (4, 5, "inbound"), (9, 7, "inbound"), (20, 10, "backorder"),
    ]  # fmt: skip
    found = promise.leaving(6)
    assert found is not None
    assert (found.on, found.kind) == (in_days(9), PromiseKind.INBOUND)
    assert [promise.pieces_by(in_days(days)) for days in (0, 5, 30)] == [2, 5, 10]


async def test_what_was_sold_ahead_before_has_the_first_right_to_a_delivery() -> None:
    stock = await a_shelf(on_hand=0)
    await sold_ahead(stock, limit=6, lead_days=20)
    await make_order({stock.offer_id: 4})
    await coming(stock, pieces=5, days=4)

    assert steps(await promised(stock)) == [(4, 1, "inbound"), (20, 2, "backorder")]


async def test_a_pre_order_leaves_on_its_release_day_also_what_is_there() -> None:
    stock = await a_shelf(on_hand=5)
    await sold_ahead(stock, limit=5, release=in_days(30))

    assert steps(await promised(stock)) == [(30, 10, "pre_order")]


async def test_a_line_is_promised_whole_from_one_shelf() -> None:
    stock = await a_shelf(on_hand=2)
    other = await add_shelf(stock.offer_id, on_hand=3)

    promise = await promised(stock)

    assert promise.pieces == 3
    assert promise.leaving(4) is None
    await Location.filter(id=other.location_id).update(closed_at=NOON)
    assert (await promised(stock)).pieces == 2


async def test_what_was_not_paid_for_in_time_can_be_promised() -> None:
    stock = await a_shelf(on_hand=2)
    await make_order({stock.offer_id: 2}, now=NOON - timedelta(hours=2))

    assert (await promised(stock)).pieces == 2


async def test_nothing_is_promised_where_the_vendor_does_not_ship() -> None:
    stock = await a_shelf(on_hand=2)

    assert (await promised(stock, destination="DE")).pieces == 2
    assert await promised(stock, destination="FR") == promising.NOTHING
