"""Pick-up: laid ready, collected with a code, or given up."""

import pytest

from marketplace.inventory.models import Location
from marketplace.kit.errors import IllegalMove
from marketplace.orders import collecting, deadlines, labelling
from marketplace.orders.collecting import WrongPickupCode
from marketplace.orders.models import Shipment, SubOrder
from marketplace.payments.models import PaymentAllocation, Refund
from marketplace.sla.models import ClockKind, ClockState, SlaClock
from tests.factories import NOON, member, stock_of
from tests.orders.living import key, line_of
from tests.orders.parcelling import HOUR, P, S, accepted, parcel_of, sound
from tests.sla.clocked import a_policy

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def laid_ready(part: SubOrder, units: int | None = None) -> Shipment:
    location = await Location.get(vendor_id=part.vendor_id)
    line = await line_of(part)
    shipment_id = await collecting.make_ready(
        principal=member(part.vendor_id), sub_order_id=part.id, location_id=location.id, key=key(),
        units=None if units is None else {line.id: units}, now=NOON,
    )  # fmt: skip
    return await parcel_of(shipment_id)


async def test_what_is_ready_is_collected_with_its_code() -> None:
    part = await accepted()
    parcel = await laid_ready(part)
    me, code = member(part.vendor_id), parcel.pickup_code or ""
    await sound()

    with pytest.raises(WrongPickupCode):
        await collecting.collect(principal=me, shipment_id=parcel.id, code="x" + code, now=NOON)
    await collecting.collect(
        principal=me, shipment_id=parcel.id, code=f" {code.lower()} ", now=NOON + HOUR
    )

    await part.refresh_from_db()
    assert ((await parcel_of(parcel.id)).state, part.state) == (P.COLLECTED, S.DELIVERED)
    with pytest.raises(IllegalMove):
        await collecting.collect(principal=me, shipment_id=parcel.id, code=code, now=NOON)
    await sound()


async def test_what_nobody_collects_is_cancelled_and_paid_back() -> None:
    part = await accepted()
    line = await line_of(part)
    parcel = await laid_ready(part)
    assert parcel.collect_by is not None

    assert await collecting.give_up_due(now=parcel.collect_by) == 0
    assert await collecting.give_up_due(now=parcel.collect_by + HOUR) == 1
    assert await collecting.give_up_due(now=parcel.collect_by + HOUR) == 0

    await part.refresh_from_db()
    assert ((await parcel_of(parcel.id)).state, part.state) == (P.CANCELLED, S.CANCELLED)
    assert (await Refund.get(order_id=part.order_id)).amount_minor == part.total_minor
    assert await stock_of(line.offer_id) == (20, 0)
    await sound()


async def test_nobody_waits_for_what_was_taken_apart() -> None:
    await a_policy(hours={ClockKind.COLLECT_BY: 1})
    part = await accepted()
    parcel = await laid_ready(part)

    await labelling.unpack(principal=member(part.vendor_id), shipment_id=parcel.id, now=NOON)
    await deadlines.work_off(now=NOON + 300 * HOUR)

    assert (await SlaClock.get(subject_id=parcel.id)).state is ClockState.VOID
    await sound()


async def test_a_parcel_that_cannot_be_given_up_holds_up_no_other() -> None:
    stuck, next_in_line = await accepted(), await accepted()
    parcels = [await laid_ready(part) for part in (stuck, next_in_line)]
    # Whatever is wrong with it: here, money to give back that never came.
    await PaymentAllocation.filter(sub_order_id=stuck.id).update(captured_minor=0)

    assert await collecting.give_up_due(now=NOON + 300 * HOUR) == 1

    states = [(await parcel_of(parcel.id)).state for parcel in parcels]
    assert states == [P.READY_FOR_PICKUP, P.CANCELLED]
