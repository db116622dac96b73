"""Cancelling by quantity: the money follows the units, exactly and once."""

from datetime import timedelta

import pytest

from marketplace.kit.errors import InvalidInput
from marketplace.kit.idempotency import KeyReused
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from marketplace.orders import calling_off, refunding, shipping
from marketplace.orders.errors import NothingToDo, TooManyUnits
from marketplace.orders.states import SubOrderState
from marketplace.outbox.models import OutboxEvent
from marketplace.payments.models import Refund, RefundLine
from marketplace.pricing.models import Discount
from marketplace.sla.models import ClockState, SlaClock
from settlement.invariants.checking import check_all
from tests.factories import (
    NOON,
    euros,
    make_offer,
    make_order,
    make_vendor,
    member,
    parts_of,
    stock_of,
)
from tests.orders import living
from tests.orders.calling_off import call_off, customer
from tests.orders.living import STAFF, accept, key, lead, line_of, paid, prepare, ship

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
S = SubOrderState


async def test_a_customer_cancels_a_unit_and_gets_back_what_the_preview_said() -> None:
    part = await paid(quantity=3)
    line = await line_of(part)

    seen = await calling_off.preview(
        principal=customer(part), order_id=part.order_id, units={line.id: 1}
    )
    await call_off(part, customer(part), 1, expected=seen.refund)

    await part.refresh_from_db()
    line = await line_of(part)
    assert seen.refund == euros(11_90)
    assert (part.state, line.cancelled, line.refunded) == (S.AWAITING_ACCEPTANCE, 1, 1)
    refund = await Refund.get(order_id=part.order_id)
    assert (refund.amount_minor, refund.reason) == (11_90, "Cancelled: changed my mind")
    assert await stock_of(line.offer_id) == (20, 2)
    assert await OutboxEvent.filter(name="sub_order.partly_cancelled").count() == 1
    assert (await check_all(connection())).violations == ()


async def test_cancelling_all_of_it_gives_back_everything_and_stops_its_clocks() -> None:
    part = await paid(quantity=3)
    line = await line_of(part)

    await call_off(part, customer(part))

    await part.refresh_from_db()
    assert part.state is S.CANCELLED
    assert (await Refund.get(order_id=part.order_id)).amount_minor == part.total_minor
    assert await stock_of(line.offer_id) == (20, 0)
    states = {clock.state for clock in await SlaClock.filter(subject_id=part.id)}
    assert states == {ClockState.VOID}


async def test_an_unpaid_order_is_cancelled_whole_and_nothing_is_given_back() -> None:
    part = await lead(S.PENDING)
    line = await line_of(part)

    with pytest.raises(InvalidInput):
        await call_off(part, customer(part), 1)
    plan = await call_off(part, customer(part))

    await part.refresh_from_db()
    assert plan is not None
    assert (plan.refund, part.state) == (euros(0), S.CANCELLED)
    assert await stock_of(line.offer_id) == (20, 0)
    assert not await Refund.exists()
    assert (await SlaClock.get(subject_id=part.order_id)).state is ClockState.VOID
    assert (await check_all(connection())).violations == ()


async def test_what_costs_nothing_is_cancelled_with_its_time_to_confirm() -> None:
    mug = await make_offer(vendor=await make_vendor(shipping=0), price=10_00)
    await Discount.create(
        id=mug.id, code="GIFT", amount_minor=20_00, currency="EUR", valid_from=NOON, vendor_id=None
    )
    [part] = await parts_of(await make_order({mug.id: 2}, discount="GIFT"))

    await call_off(part, customer(part))

    await part.refresh_from_db()
    assert part.state is S.CANCELLED
    assert (await SlaClock.get(subject_id=part.order_id)).state is ClockState.VOID
    assert (await check_all(connection())).violations == ()


async def test_cancelling_the_rest_of_what_partly_left_ships_and_earns_it() -> None:
    part = await lead(S.PARTLY_SHIPPED)

    await call_off(part, STAFF)

    await part.refresh_from_db()
    assert (part.state, part.shipped_at) == (S.SHIPPED, NOON)
    refunds = await RefundLine.filter(sub_order_id=part.id)
    assert [(line.quantity, line.is_earned, line.line_id is None) for line in refunds] == [
        (2, False, False)
    ]
    assert await OutboxEvent.filter(name="sub_order.shipped").count() == 1
    assert not await SlaClock.filter(subject_id=part.id, state=ClockState.RUNNING).exists()


async def test_cancelling_the_rest_of_what_has_arrived_delivers_it() -> None:
    part = await lead(S.PARTLY_SHIPPED)
    await living.deliver(part)

    await call_off(part, STAFF)

    await part.refresh_from_db()
    assert part.state is S.DELIVERED


async def test_the_same_key_cancels_once_and_no_other_units() -> None:
    part = await paid(quantity=3)
    line = await line_of(part)
    same = key()

    async def again(units: int) -> calling_off.Plan | None:
        return await calling_off.cancel(
            principal=STAFF, order_id=part.order_id, units={line.id: units}, reason="twice",
            key=same, now=NOON,
        )  # fmt: skip

    assert await again(1) is not None
    assert await again(1) is None
    with pytest.raises(KeyReused):
        await again(2)
    assert (await line_of(part)).cancelled == 1


async def test_units_that_support_refunded_before_they_left_are_not_shipped() -> None:
    part = await paid(quantity=3)
    await accept(part)
    line = await line_of(part)

    await refunding.request(
        principal=SYSTEM, order_id=part.order_id, units={line.id: 2}, shipping_of=[],
        reason="kindness", key=key(), now=NOON,
    )  # fmt: skip
    with pytest.raises(TooManyUnits):
        await ship(part, 2)
    await ship(part)

    await part.refresh_from_db()
    assert (part.state, (await line_of(part)).shipped) == (S.SHIPPED, 1)
    assert (await check_all(connection())).violations == ()


async def test_what_support_refunds_the_last_unit_of_costs_no_shipping() -> None:
    part = await paid(quantity=2)
    line = await line_of(part)
    assert part.shipping_gross_minor

    for _ in range(2):
        await refunding.request(
            principal=SYSTEM, order_id=part.order_id, units={line.id: 1}, shipping_of=[],
            reason="kindness", key=key(), now=NOON,
        )  # fmt: skip

    await part.refresh_from_db()
    assert part.state is S.CANCELLED
    assert sum(refund.amount_minor for refund in await Refund.all()) == part.total_minor
    assert (await check_all(connection())).violations == ()


async def test_an_amount_that_support_gave_back_leaves_the_units_to_be_sent() -> None:
    part = await paid(quantity=3)
    await accept(part)
    line = await line_of(part)

    await refunding.request(
        principal=SYSTEM, order_id=part.order_id, units={}, amounts={line.id: 5_00},
        shipping_of=[], reason="kindness", key=key(), now=NOON,
    )  # fmt: skip
    await ship(part)

    assert (await line_of(part)).shipped == 3


async def test_what_expires_after_a_unit_was_cancelled_gives_back_the_others() -> None:
    part = await paid(quantity=3)
    await call_off(part, customer(part), 1)

    await living.expire(part)

    await part.refresh_from_db()
    line = await line_of(part)
    assert (part.state, line.refused, line.cancelled) == (S.EXPIRED, 2, 1)
    refunds = await Refund.filter(order_id=part.order_id)
    assert sum(refund.amount_minor for refund in refunds) == part.total_minor
    assert (await check_all(connection())).violations == ()


async def test_preparing_takes_the_customers_right_and_is_done_once() -> None:
    part = await paid()
    await accept(part)
    await prepare(part)

    with pytest.raises(NothingToDo):
        await call_off(part, customer(part))
    with pytest.raises(InvalidInput):
        await shipping.ship(
            principal=member(part.vendor_id), sub_order_id=part.id, carrier="", key=key(),
            tracking_number="1", now=NOON + timedelta(hours=1),
        )  # fmt: skip
