"""What is promised at placement, kept at payment, and free again when its time is over."""

import json
from datetime import timedelta
from uuid import UUID

import pytest

from marketplace.accounts.models import Vendor
from marketplace.checkout.errors import InsufficientStock
from marketplace.checkout.placing import PAY_WITHIN
from marketplace.inventory import committing, reserving
from marketplace.inventory.errors import NotOnTheShelf
from marketplace.inventory.models import (
    Location,
    MovementKind,
    Reservation,
    ReservationState,
    Stock,
    StockMovement,
)
from marketplace.kit.transactions import connection
from marketplace.orders import accepting, deadlines, shipping
from marketplace.orders.models import OrderLine
from marketplace.orders.states import SubOrderState
from marketplace.payments.models import Refund
from tests.factories import (
    NOON,
    make_offer,
    make_order,
    make_paid_order,
    member,
    parts_of,
    pay,
    stock_of,
)
from tests.inventory.shelves import add_shelf, violations

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

LATE = NOON + PAY_WITHIN + timedelta(seconds=1)


async def states_of(order_id: UUID) -> list[str]:
    return [one.state for one in await Reservation.filter(order_id=order_id)]


async def test_what_was_not_paid_for_in_time_is_free_for_the_next_who_places() -> None:
    mug = await make_offer(on_hand=2)
    forgotten = await make_order({mug.id: 2})

    taken = await make_order({mug.id: 2}, now=LATE)

    assert await states_of(forgotten) == [ReservationState.EXPIRED]
    assert await states_of(taken) == [ReservationState.HELD]
    assert await stock_of(mug.id) == (2, 2)
    assert await violations() == []


async def test_what_may_still_be_paid_for_is_not_free() -> None:
    mug = await make_offer(on_hand=2)
    await make_order({mug.id: 2})

    with pytest.raises(InsufficientStock):
        await make_order({mug.id: 1}, now=NOON + PAY_WITHIN - timedelta(seconds=1))


async def test_only_the_wanted_offers_promises_expire() -> None:
    mug, lamp = await make_offer(), await make_offer(sku="lamp")
    other = await make_order({lamp.id: 1})

    await make_order({mug.id: 1}, now=LATE)

    assert await states_of(other) == [ReservationState.HELD]


async def test_an_order_whose_promise_was_taken_is_cancelled_by_its_deadline() -> None:
    mug = await make_offer(on_hand=1)
    forgotten = await make_order({mug.id: 1})
    await make_order({mug.id: 1}, now=LATE)

    await deadlines.work_off(now=LATE)

    [part] = await parts_of(forgotten)
    assert part.state is SubOrderState.CANCELLED
    assert await stock_of(mug.id) == (1, 1)
    assert await violations() == []


async def test_money_that_comes_late_takes_the_stock_again_where_there_is_some() -> None:
    mug, lamp = await make_offer(on_hand=2), await make_offer(sku="lamp", on_hand=3)
    late = await make_order({mug.id: 1, lamp.id: 1})
    await make_order({mug.id: 1}, now=LATE)  # frees the first one's mug, and leaves one

    await pay(late, now=LATE)

    assert await states_of(late) == [ReservationState.COMMITTED] * 2
    assert {part.state for part in await parts_of(late)} == {SubOrderState.AWAITING_ACCEPTANCE}
    assert await stock_of(mug.id) == (2, 2)
    assert await stock_of(lamp.id) == (3, 1)
    assert await violations() == []


async def test_late_money_takes_the_stock_from_another_shelf_too() -> None:
    mug = await make_offer(on_hand=1)
    first = await Stock.get(offer_id=mug.id)
    late = await make_order({mug.id: 1})
    await make_order({mug.id: 1}, now=LATE)
    other = await add_shelf(mug.id, on_hand=1)

    await pay(late, now=LATE)

    assert (await Reservation.get(order_id=late)).stock_id == other.id
    assert (await OrderLine.get(order_id=late)).location_id == other.location_id
    assert (await Stock.get(id=first.id)).reserved == 1


async def test_late_money_for_what_others_bought_goes_back_whole() -> None:
    mug, lamp = await make_offer(on_hand=1), await make_offer(sku="lamp", on_hand=3)
    late = await make_order({mug.id: 1, lamp.id: 1})
    await make_order({mug.id: 1}, now=LATE)

    await pay(late, now=LATE)

    parts = await parts_of(late)
    assert {part.state for part in parts} == {SubOrderState.CANCELLED}
    refund = await Refund.get(order_id=late)
    assert refund.amount_minor == sum(part.total_minor for part in parts)
    assert await stock_of(mug.id) == (1, 1)
    assert await stock_of(lamp.id) == (3, 0)
    assert await violations() == []


async def test_safety_stock_is_not_for_sale() -> None:
    mug = await make_offer(on_hand=5)
    await Stock.filter(offer_id=mug.id).update(safety=3)

    with pytest.raises(InsufficientStock) as refusal:
        await make_order({mug.id: 3})

    assert refusal.value.shortages[0].available == 2


async def test_what_may_be_sold_ahead_is_sold_up_to_its_limit_and_leaves_when_it_is_there() -> None:
    mug = await make_offer(on_hand=1)
    await Stock.filter(offer_id=mug.id).update(backorder_limit=2)
    order_id = await make_paid_order({mug.id: 3})
    [part] = await parts_of(order_id)
    vendor = member(mug.vendor_id)
    await accepting.accept(principal=vendor, sub_order_id=part.id, now=NOON)

    with pytest.raises(NotOnTheShelf) as refusal:
        await shipping.ship(
            principal=vendor, sub_order_id=part.id, carrier="DHL", tracking_number="1", key="k",
            now=NOON,
        )  # fmt: skip

    assert (refusal.value.wanted, refusal.value.there) == (3, 1)
    assert await stock_of(mug.id) == (1, 3)
    with pytest.raises(InsufficientStock):
        await make_order({mug.id: 1})


async def test_two_lines_of_one_shelf_do_not_leave_with_the_same_piece() -> None:
    mug = await make_offer(on_hand=1)
    lamp = await make_offer(sku="lamp", vendor=await Vendor.get(id=mug.vendor_id))
    shelf = await Stock.get(offer_id=mug.id)
    await Stock.filter(id=shelf.id).update(backorder_limit=2)
    order_id = await make_paid_order({mug.id: 1, lamp.id: 1})
    lamps = await OrderLine.get(order_id=order_id, offer_id=lamp.id)
    await committing.shift(line_id=lamps.id, stock_id=shelf.id)
    both = {line.id: 1 for line in await OrderLine.filter(order_id=order_id)}

    with pytest.raises(NotOnTheShelf):
        await reserving.consume(both, by=member(mug.vendor_id), now=NOON)

    assert await stock_of(mug.id) == (1, 2)


async def test_a_closed_location_sells_nothing() -> None:
    mug = await make_offer(on_hand=5)
    await Location.filter(vendor_id=mug.vendor_id).update(closed_at=NOON)

    with pytest.raises(InsufficientStock) as refusal:
        await make_order({mug.id: 1})

    assert refusal.value.shortages[0].available == 0


async def test_a_shelf_with_enough_comes_before_one_that_sells_ahead() -> None:
    mug = await make_offer(on_hand=1)
    first = await Stock.get(offer_id=mug.id)
    await Stock.filter(id=first.id).update(backorder_limit=9)
    second = await add_shelf(mug.id, on_hand=4)

    asked = [await make_order({mug.id: 1}), await make_order({mug.id: 3})]

    served = [(await Reservation.get(order_id=order_id)).stock_id for order_id in asked]
    assert served == [first.id, second.id]


async def test_a_line_that_names_its_shelves_is_served_in_that_order() -> None:
    mug = await make_offer(on_hand=9)
    first = await Stock.get(offer_id=mug.id)
    second = await add_shelf(mug.id, on_hand=1)
    third = await add_shelf(mug.id, on_hand=9, priority=3)

    picked = []
    for shelves in ([second, third, first], [second]):
        line: dict[str, object] = {"id": mug.id, "offer_id": mug.id, "quantity": 2}
        line["stock_ids"] = [shelf.id for shelf in shelves]
        pick = "SELECT pick_stock($1::jsonb, ARRAY[$2::uuid])->0->>'stock_id'"
        picked.append(await connection().fetchval(pick, json.dumps([line], default=str), mug.id))

    assert picked == [str(third.id), str(second.id)]  # the last has too few: its caller refuses


async def test_shipping_writes_what_left_the_shelf() -> None:
    mug = await make_offer(on_hand=5)
    order_id = await make_paid_order({mug.id: 2})
    [part] = await parts_of(order_id)
    vendor = member(mug.vendor_id)
    await accepting.accept(principal=vendor, sub_order_id=part.id, now=NOON)

    await shipping.ship(
        principal=vendor,
        sub_order_id=part.id,
        carrier="DHL",
        tracking_number="1",
        key="k",
        now=NOON,
    )

    stock = await Stock.get(offer_id=mug.id)
    opened, sold = await StockMovement.filter(stock_id=stock.id).order_by("-delta")
    assert (opened.kind, opened.delta, opened.after) == (MovementKind.OPENED, 5, 5)
    assert (sold.kind, sold.delta, sold.after) == (MovementKind.SOLD, -2, 3)
    assert (sold.order_id, sold.actor, sold.at) == (order_id, vendor.key, NOON)
    assert await violations() == []
