from datetime import timedelta

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.orders import accepting, deadlines, refunding, shipping
from marketplace.orders.models import OrderLine
from marketplace.orders.states import SubOrderState
from marketplace.outbox.models import OutboxEvent
from marketplace.payments.models import Payment, PaymentAllocation, Refund
from marketplace.sla.models import ClockKind, ClockState, SlaClock
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

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
LATER = NOON + timedelta(days=14)


async def test_an_unpaid_order_is_cancelled_and_its_stock_is_free_again() -> None:
    mug = await make_offer(on_hand=5)
    order_id = await make_order({mug.id: 2})

    await deadlines.work_off(now=NOON + timedelta(minutes=30))
    assert await stock_of(mug.id) == (5, 2)  # on the deadline is in time
    await deadlines.work_off(now=NOON + timedelta(minutes=31))

    [part] = await parts_of(order_id)
    assert part.state is SubOrderState.CANCELLED
    assert await stock_of(mug.id) == (5, 0)
    assert [line.live for line in await OrderLine.filter(order_id=order_id)] == [0]
    assert not await Refund.exists()


async def test_money_that_comes_after_the_cancellation_goes_back_in_full() -> None:
    mug = await make_offer(on_hand=5)
    order_id = await make_order({mug.id: 2})
    await deadlines.work_off(now=LATER)

    await pay(order_id, now=LATER)

    payment = await Payment.get(order_id=order_id)
    assert payment.captured_minor == payment.refund_claimed_minor == payment.amount_minor
    [part] = await parts_of(order_id)
    assert part.state is SubOrderState.CANCELLED
    assert await stock_of(mug.id) == (5, 0)


async def test_a_sub_order_nobody_answered_expires_and_is_refunded() -> None:
    mug = await make_offer(on_hand=5)
    order_id = await make_paid_order({mug.id: 2})

    await deadlines.work_off(now=LATER)

    [part] = await parts_of(order_id)
    assert part.state is SubOrderState.EXPIRED
    assert (await Refund.get(order_id=order_id)).amount_minor == part.total_minor
    assert await stock_of(mug.id) == (5, 0)


async def test_a_late_shipment_is_found_once_and_still_ships() -> None:
    mug = await make_offer(on_hand=5)
    order_id = await make_paid_order({mug.id: 2})
    [part] = await parts_of(order_id)
    me = member(part.vendor_id)
    await accepting.accept(principal=me, sub_order_id=part.id, now=NOON)

    await deadlines.work_off(now=LATER)
    await deadlines.work_off(now=LATER)
    await shipping.ship(
        principal=me, sub_order_id=part.id, carrier="DHL", tracking_number="T", key="k", now=LATER
    )

    clock = await SlaClock.get(subject_id=part.id, kind=ClockKind.SHIP_BY)
    assert (clock.state, clock.met_at) == (ClockState.BREACHED, LATER)
    assert await OutboxEvent.filter(name="sla.breached").count() == 1


async def test_shipping_late_before_anyone_looked_is_late_all_the_same() -> None:
    mug = await make_offer(on_hand=5)
    [part] = await parts_of(await make_paid_order({mug.id: 2}))
    me = member(part.vendor_id)
    await accepting.accept(principal=me, sub_order_id=part.id, now=NOON)

    await shipping.ship(
        principal=me, sub_order_id=part.id, carrier="DHL", tracking_number="T", key="k", now=LATER
    )

    clock = await SlaClock.get(subject_id=part.id, kind=ClockKind.SHIP_BY)
    assert clock.state is ClockState.BREACHED
    assert await OutboxEvent.filter(name="sla.breached").count() == 1


async def test_a_deadline_that_is_near_warns_once() -> None:
    mug = await make_offer(on_hand=5)
    [part] = await parts_of(await make_paid_order({mug.id: 2}))
    clock = await SlaClock.get(subject_id=part.id, kind=ClockKind.ACCEPT_BY)
    assert clock.warn_at is not None

    for _ in range(2):
        await deadlines.work_off(now=clock.warn_at)

    assert (await SlaClock.get(id=clock.id)).state is ClockState.WARNED
    assert await OutboxEvent.filter(name="sla.warned").count() == 1


async def test_what_support_refunded_before_it_was_accepted_is_cancelled_and_not_expired() -> None:
    mug = await make_offer(on_hand=5)
    order_id = await make_paid_order({mug.id: 2})
    await refunding.request_full(
        principal=SYSTEM, order_id=order_id, reason="changed their mind", key="all", now=NOON
    )

    await deadlines.work_off(now=LATER)

    [part] = await parts_of(order_id)
    assert part.state is SubOrderState.CANCELLED
    assert (await Refund.get(order_id=order_id)).amount_minor == part.total_minor
    assert await stock_of(mug.id) == (5, 0)


async def test_an_order_that_cannot_be_acted_on_holds_up_no_other() -> None:
    mug = await make_offer(on_hand=5)
    stuck, next_in_line = await make_order({mug.id: 1}), await make_order({mug.id: 2}, key="2")
    await pay(stuck)
    await pay(next_in_line, now=NOON + timedelta(hours=1))
    # Whatever is wrong with it: here, money to give back that never came.
    await PaymentAllocation.filter(payment__order_id=stuck).update(captured_minor=0)

    await deadlines.work_off(now=LATER)

    states = [(await parts_of(order_id))[0].state for order_id in (stuck, next_in_line)]
    assert states == [SubOrderState.AWAITING_ACCEPTANCE, SubOrderState.EXPIRED]
    assert await stock_of(mug.id) == (5, 1)
    clock = await SlaClock.get(order_id=stuck, kind=ClockKind.ACCEPT_BY)
    assert (clock.state, clock.breached_at) == (ClockState.RUNNING, None)
