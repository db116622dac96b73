from datetime import timedelta

import pytest

from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole
from marketplace.orders import accepting, deadlines, queries, shipping
from marketplace.orders.errors import NothingToDo, OnHold
from marketplace.orders.history_models import StateChange
from marketplace.orders.hold_models import HoldKind, OrderHold
from marketplace.orders.models import Shipment
from marketplace.orders.states import SubOrderState
from marketplace.orders.status import OrderStatus
from marketplace.sla.models import ClockKind, ClockState, SlaClock
from tests.back_office.stories import two_vendors
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
from tests.holds.waiting import OPERATIONS, broken, hold, release, told

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
LATER = NOON + timedelta(hours=2)


async def test_a_payment_that_comes_while_held_keeps_the_stock_and_tells_no_vendor() -> None:
    mug = await make_offer(on_hand=5)
    order_id = await make_order({mug.id: 2})
    await hold(order_id)

    await pay(order_id)
    await deadlines.work_off(now=NOON + timedelta(days=20))

    [part] = await parts_of(order_id)
    assert (part.state, part.released_at) == (SubOrderState.PENDING, None)
    assert await stock_of(mug.id) == (5, 2)
    assert await told(order_id, "sub_order.released") == 0
    seen = await queries.find(principal=SYSTEM, order_id=order_id)
    assert seen.status is OrderStatus.ON_HOLD
    assert await broken() == ()


async def test_the_last_hold_that_ends_releases_what_is_paid() -> None:
    mug = await make_offer()
    order_id = await make_order({mug.id: 1})
    first = await hold(order_id, kind=HoldKind.FRAUD)
    last = await hold(order_id, kind=HoldKind.STOCK)
    await pay(order_id)

    await release(first, now=LATER)
    [waiting] = await parts_of(order_id)
    await release(last, now=LATER)

    [part] = await parts_of(order_id)
    assert waiting.state is SubOrderState.PENDING
    assert (part.state, part.released_at) == (SubOrderState.AWAITING_ACCEPTANCE, LATER)
    clock = await SlaClock.get(subject_id=part.id, kind=ClockKind.ACCEPT_BY)
    assert (clock.state, clock.started_at) == (ClockState.RUNNING, LATER)
    assert await broken() == ()


async def test_a_hold_that_ends_before_the_payment_releases_nothing() -> None:
    mug = await make_offer()
    order_id = await make_order({mug.id: 1})
    hold_id = await hold(order_id)

    await release(hold_id)
    [unpaid] = await parts_of(order_id)
    await pay(order_id)

    [part] = await parts_of(order_id)
    assert unpaid.state is SubOrderState.PENDING
    assert part.state is SubOrderState.AWAITING_ACCEPTANCE


async def test_one_sub_order_waits_and_the_other_goes_to_its_vendor() -> None:
    order = await two_vendors(paid=False)
    await hold(order.order_id, sub_order_id=order.mugs.id)

    await pay(order.order_id)

    states = {part.id: part.state for part in await parts_of(order.order_id)}
    assert states[order.mugs.id] is SubOrderState.PENDING
    assert states[order.bowl.id] is SubOrderState.AWAITING_ACCEPTANCE
    assert await broken() == ()


async def test_a_hold_on_a_released_order_stops_its_clocks_and_its_parcels() -> None:
    mug = await make_offer()
    order_id = await make_paid_order({mug.id: 1})
    [part] = await parts_of(order_id)
    vendor = member(part.vendor_id)
    await accepting.accept(principal=vendor, sub_order_id=part.id, now=NOON)
    before = await SlaClock.get(subject_id=part.id, kind=ClockKind.SHIP_BY)
    hold_id = await hold(order_id, now=NOON)

    async def ship() -> None:
        await shipping.ship(
            principal=vendor, sub_order_id=part.id, carrier="DHL", tracking_number="T", key="k",
            now=LATER,
        )  # fmt: skip

    with pytest.raises(OnHold) as refused:
        await ship()
    await deadlines.work_off(now=NOON + timedelta(days=30))
    standing = await SlaClock.get(id=before.id)
    assert await broken() == ()
    await release(hold_id, now=LATER)
    await ship()

    assert refused.value.message == (
        f"{part.number} is on hold. Do not send it yet; you hear when it goes on."
    )
    assert standing.state is ClockState.PAUSED
    after = await SlaClock.get(id=before.id)
    assert (after.state, after.due_at - before.due_at) == (ClockState.MET, timedelta(hours=2))
    assert await Shipment.filter(sub_order_id=part.id).count() == 1
    assert await broken() == ()


async def test_a_vendor_may_answer_while_its_order_is_held() -> None:
    mug = await make_offer()
    order_id = await make_paid_order({mug.id: 1})
    [part] = await parts_of(order_id)
    await hold(order_id)

    await accepting.accept(principal=member(part.vendor_id), sub_order_id=part.id, now=NOON)

    clock = await SlaClock.get(subject_id=part.id, kind=ClockKind.SHIP_BY)
    assert clock.state is ClockState.PAUSED


async def test_the_same_hold_twice_is_one_and_tells_of_itself_once() -> None:
    mug = await make_offer()
    order_id = await make_paid_order({mug.id: 1})

    first = await hold(order_id, reason="We know the street is wrong")
    again = await hold(order_id, reason="Another says so as well")

    assert first == again
    assert await told(order_id, "order_hold.placed") == 1
    change = await StateChange.get(subject_id=first)
    assert (change.to_state, change.vendor_id) == ("open", None)


async def test_a_hold_is_released_once_and_tells_of_it_once() -> None:
    mug = await make_offer()
    order_id = await make_paid_order({mug.id: 1})
    hold_id = await hold(order_id)

    answers = [await release(hold_id), await release(hold_id, note="Once more")]

    found = await OrderHold.get(id=hold_id)
    assert answers == [True, False]
    assert (found.note, found.released_by) == ("All is well", OPERATIONS.key)
    assert await told(order_id, "order_hold.released") == 1


async def test_an_order_that_was_never_paid_lets_go_of_its_holds() -> None:
    mug = await make_offer(on_hand=5)
    order_id = await make_order({mug.id: 2})
    hold_id = await hold(order_id)

    await deadlines.work_off(now=NOON + timedelta(hours=1))

    found = await OrderHold.get(id=hold_id)
    assert (found.note, found.released_by) == ("not paid in time", "system")
    assert await stock_of(mug.id) == (5, 0)
    assert await broken() == ()


async def test_nothing_is_held_of_what_was_sent() -> None:
    mug = await make_offer()
    order_id = await make_paid_order({mug.id: 1})
    [part] = await parts_of(order_id)
    vendor = member(part.vendor_id)
    await accepting.accept(principal=vendor, sub_order_id=part.id, now=NOON)
    await shipping.ship(
        principal=vendor, sub_order_id=part.id, carrier="DHL", tracking_number="T", key="k",
        now=NOON,
    )  # fmt: skip

    with pytest.raises(NothingToDo):
        await hold(order_id)


@pytest.mark.parametrize(
    "outsider",
    [
        Principal(Kind.GUEST),
        Principal(Kind.STAFF, id=OPERATIONS.id, roles=frozenset({StaffRole.ACCOUNTANT})),
    ],
    ids=["guest", "accountant"],
)
async def test_only_operations_support_and_administrators_hold_and_release(
    outsider: Principal,
) -> None:
    mug = await make_offer()
    order_id = await make_order({mug.id: 1})
    hold_id = await hold(order_id)

    with pytest.raises(Forbidden):
        await hold(order_id, by=outsider, kind=HoldKind.STOCK)
    with pytest.raises(Forbidden):
        await release(hold_id, by=outsider)


async def test_a_vendor_neither_holds_nor_releases() -> None:
    mug = await make_offer()
    order_id = await make_order({mug.id: 1})
    [part] = await parts_of(order_id)
    hold_id = await hold(order_id)

    for attempt in (hold(order_id, by=member(part.vendor_id)),):
        with pytest.raises(Forbidden):
            await attempt
    with pytest.raises(Forbidden):
        await release(hold_id, by=member(part.vendor_id))


async def test_a_hold_needs_a_reason_a_release_a_note_and_both_something_that_exists() -> None:
    mine, theirs = await two_vendors(), await two_vendors()

    with pytest.raises(InvalidInput):
        await hold(mine.order_id, reason=" ")
    with pytest.raises(NotFound):
        await hold(new_id(NOON))
    with pytest.raises(NotFound):
        await hold(mine.order_id, sub_order_id=theirs.mugs.id)
    with pytest.raises(NotFound):
        await release(new_id(NOON))
    hold_id = await hold(mine.order_id)
    with pytest.raises(InvalidInput):
        await release(hold_id, note="x" * 201)
