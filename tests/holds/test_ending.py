"""A hold ends by itself once nothing that it holds is left to send."""

import pytest

from marketplace.orders.hold_models import OrderHold
from marketplace.orders.models import SubOrder
from marketplace.orders.states import SubOrderState
from marketplace.orders.tracks import TrackingStatus
from marketplace.sla import clocks
from marketplace.sla.clocks import Start
from marketplace.sla.models import ClockKind, ClockState, SlaClock, SlaPause
from tests.factories import NOON, make_offer, make_order, parts_of, pay
from tests.holds.waiting import broken, hold, told
from tests.orders.calling_off import call_off
from tests.orders.living import STAFF, accept, ship
from tests.orders.parcelling import HOUR, accepted, pack, parcel_of, tell

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
S = SubOrderState


async def open_holds(part: SubOrder) -> int:
    return await OrderHold.filter(order_id=part.order_id, released_at=None).count()


async def travels(part: SubOrder) -> SlaClock:
    """A deadline to deliver what has left, as one that its policy gives."""
    due_at = NOON + 48 * HOUR
    [clock_id] = await clocks.start([
        Start(
            kind=ClockKind.DELIVER_BY, subject_id=part.id, order_id=part.order_id,
            sub_order_id=part.id, vendor_id=part.vendor_id, started_at=NOON, warn_at=due_at,
            due_at=due_at,
        )
    ])  # fmt: skip
    return await SlaClock.get(id=clock_id)


async def test_what_its_carrier_has_in_spite_of_a_hold_is_held_no_more() -> None:
    part = await accepted(1)
    parcel = await parcel_of(await pack(part))
    await hold(part.order_id, sub_order_id=part.id)
    await hold(part.order_id)
    clock = await travels(part)

    await tell(parcel, TrackingStatus.IN_TRANSIT)

    await part.refresh_from_db()
    await clock.refresh_from_db()
    assert (part.state, await open_holds(part)) == (S.SHIPPED, 0)
    assert clock.state is ClockState.RUNNING
    assert await SlaPause.filter(order_id=part.order_id, resumed_at=None).count() == 0
    assert await told(part.order_id, "order_hold.released") == 2
    assert await broken() == ()


async def test_a_parcel_that_leaves_while_others_wait_ends_no_hold() -> None:
    part = await accepted(2)
    parcel = await parcel_of(await pack(part, 1))
    await hold(part.order_id, sub_order_id=part.id)

    await tell(parcel, TrackingStatus.IN_TRANSIT)

    await part.refresh_from_db()
    assert (part.state, await open_holds(part)) == (S.PARTLY_SHIPPED, 1)


async def test_a_hold_ends_when_the_rest_of_what_was_partly_shipped_is_cancelled() -> None:
    part = await accepted(2)
    await ship(part, 1)
    await hold(part.order_id, sub_order_id=part.id)
    clock = await travels(part)

    await call_off(part, STAFF, 1)

    await part.refresh_from_db()
    await clock.refresh_from_db()
    assert (part.state, await open_holds(part)) == (S.SHIPPED, 0)
    assert clock.state is ClockState.RUNNING
    assert await broken() == ()


async def test_a_hold_of_all_ends_when_one_part_has_left_and_the_other_is_cancelled() -> None:
    mug, bowl = await make_offer(), await make_offer(sku="bowl")
    order_id = await make_order({mug.id: 1, bowl.id: 1})
    await pay(order_id)
    sent, waits = await parts_of(order_id)
    await accept(sent)
    await ship(sent)
    await hold(order_id)

    await call_off(waits, STAFF, 1)

    assert await open_holds(waits) == 0
    assert await broken() == ()
