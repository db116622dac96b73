"""A vendor's own system tells of its shelves: late, twice, in any order, and of too little."""

from datetime import timedelta
from uuid import UUID

import pytest

from marketplace.catalog.models import Variant
from marketplace.inventory import adjusting, feeding
from marketplace.inventory.feeding import Heard, LevelEvent
from marketplace.inventory.models import FeedEvent, Reservation, Stock, StockMovement
from marketplace.kit.errors import InvalidInput
from marketplace.orders import accepting
from marketplace.orders.states import SubOrderState
from marketplace.outbox.models import OutboxEvent
from tests.factories import (
    NOON,
    make_offer,
    make_order,
    make_paid_order,
    make_vendor,
    member,
    parts_of,
    pay,
    stock_of,
)
from tests.inventory.shelves import add_shelf, violations

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def sku_of(stock: Stock) -> str:
    return (await Variant.get(offers__id=stock.offer_id)).sku


async def a_shelf(*, on_hand: int = 5) -> Stock:
    mug = await make_offer(on_hand=on_hand)
    return await Stock.get(offer_id=mug.id)


async def tell(
    stock: Stock, *events: tuple[str, int, int], vendor_id: UUID | None = None
) -> list[Heard]:
    """Events as (id, version, on hand)."""
    sku = await sku_of(stock)
    return await feeding.take_events(
        principal=member(vendor_id or stock.vendor_id),
        vendor_id=vendor_id or stock.vendor_id,
        events=[
            LevelEvent(event_key=key, sku=sku, location="main", version=version, on_hand=on_hand)
            for key, version, on_hand in events
        ],
        now=NOON,
    )


async def shorts() -> list[tuple[str, int]]:
    told = [event.payload for event in await OutboxEvent.filter(name="stock.short").order_by("id")]
    return [(str(payload["order_id"]), int(str(payload["units"]))) for payload in told]


async def test_the_newest_version_counts_whatever_comes_last() -> None:
    stock = await a_shelf()

    heard = [
        await tell(stock, ("b", 7, 8)),
        await tell(stock, ("a", 6, 2)),
        await tell(stock, ("c", 7, 3)),
    ]

    assert heard == [[Heard.APPLIED], [Heard.OLDER], [Heard.OLDER]]
    assert await stock_of(stock.offer_id) == (8, 0)
    assert (await Stock.get(id=stock.id)).version == 7
    assert await violations() == []


async def test_an_event_counts_once_and_the_last_of_a_batch_wins() -> None:
    stock = await a_shelf()

    first = await tell(stock, ("a", 1, 4), ("a", 2, 9), ("b", 3, 6))
    again = await tell(stock, ("a", 9, 1), ("b", 9, 1))

    assert first == [Heard.APPLIED, Heard.REPEATED, Heard.APPLIED]
    assert again == [Heard.REPEATED, Heard.REPEATED]
    moved = await StockMovement.filter(stock_id=stock.id, kind="feed")
    assert [(row.delta, row.after) for row in moved] == [(1, 6)]
    assert await FeedEvent.filter(stock_id=stock.id).count() == 2


async def test_another_vendors_stock_is_unknown_to_a_feed() -> None:
    stock = await a_shelf()

    assert await tell(stock, ("a", 1, 0), vendor_id=(await make_vendor()).id) == [Heard.UNKNOWN]
    assert await stock_of(stock.offer_id) == (5, 0)


@pytest.mark.parametrize("event", [("", 1, 1), ("a", 0, 1), ("a", 1, -1), ("a", 2**63, 1)])
async def test_what_is_no_event_is_refused(event: tuple[str, int, int]) -> None:
    stock = await a_shelf()

    with pytest.raises(InvalidInput):
        await tell(stock, event)


async def test_less_than_was_promised_takes_the_newest_unaccepted_promises_back() -> None:
    stock = await a_shelf(on_hand=6)
    accepted, older, newest = [
        await make_paid_order({stock.offer_id: 2}, now=NOON + timedelta(minutes=minute))
        for minute in range(3)
    ]
    [part] = await parts_of(accepted)
    await accepting.accept(principal=member(stock.vendor_id), sub_order_id=part.id, now=NOON)

    await tell(stock, ("a", 1, 3))

    short = {one.order_id: one.short for one in await Reservation.all()}
    assert short == {accepted: 0, older: 1, newest: 2}
    assert sorted(await shorts()) == sorted([(str(newest), 2), (str(older), 1)])
    assert await stock_of(stock.offer_id) == (3, 3)
    moved = await StockMovement.get(stock_id=stock.id, kind="compensated")
    assert (moved.delta, moved.after) == (-3, 3)
    assert await violations() == []


async def test_what_was_not_paid_for_in_time_is_taken_back_before_what_was_paid() -> None:
    stock = await a_shelf(on_hand=4)
    forgotten = await make_order({stock.offer_id: 2}, now=NOON - timedelta(hours=1))
    bought = await make_paid_order({stock.offer_id: 2}, now=NOON - timedelta(minutes=45))

    await tell(stock, ("a", 1, 2))

    short = {one.order_id: one.short for one in await Reservation.all()}
    assert short == {forgotten: 2, bought: 0}


async def test_a_count_that_finds_nothing_leaves_accepted_orders_short_too() -> None:
    stock = await a_shelf(on_hand=2)
    order_id = await make_paid_order({stock.offer_id: 2})
    [part] = await parts_of(order_id)
    vendor = member(stock.vendor_id)
    await accepting.accept(principal=vendor, sub_order_id=part.id, now=NOON)

    await adjusting.count(principal=vendor, stock_id=stock.id, change_from=2, to=0, now=NOON)

    assert (await Reservation.get(order_id=order_id)).short == 2
    assert await stock_of(stock.offer_id) == (0, 0)
    assert await violations() == []


async def test_an_unpaid_order_that_misses_pieces_looks_for_others_when_it_is_paid() -> None:
    stock = await a_shelf(on_hand=2)
    order_id = await make_order({stock.offer_id: 2})
    await tell(stock, ("a", 1, 1))
    other = await add_shelf(stock.offer_id, on_hand=2)

    await pay(order_id)

    promise = await Reservation.get(order_id=order_id)
    assert (promise.stock_id, promise.quantity, promise.short) == (other.id, 2, 0)
    assert (await Stock.get(id=stock.id)).reserved == 0
    assert await violations() == []


async def test_an_unpaid_order_whose_pieces_are_gone_is_cancelled_when_it_is_paid() -> None:
    stock = await a_shelf(on_hand=2)
    order_id = await make_order({stock.offer_id: 2})
    await tell(stock, ("a", 1, 1))

    await pay(order_id)

    [part] = await parts_of(order_id)
    assert part.state is SubOrderState.CANCELLED
    assert await stock_of(stock.offer_id) == (1, 0)
    assert await violations() == []
