"""Nothing of what is on hold leaves: not packed, not handed over, not laid ready, not collected."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from marketplace.carriers import simulated
from marketplace.carriers.simulated import SimulatedCarrier
from marketplace.inventory.models import Location
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Kind, Principal
from marketplace.orders import collecting, labelling, queries, shipping, vendor_details
from marketplace.orders.errors import OnHold
from marketplace.orders.hold_models import HoldKind
from marketplace.orders.models import Shipment, SubOrder
from marketplace.orders.vendor_views import Parcel
from marketplace.orders.views import ShipmentView
from marketplace.sla import clocks, pausing
from marketplace.sla.clocks import Start
from marketplace.sla.models import ClockKind, ClockState, PauseCause, SlaClock
from tests.factories import NOON, member
from tests.holds.waiting import broken, hold, release
from tests.orders.living import accept, key, line_of, paid

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
CARRIER = SimulatedCarrier(secret="a secret of the tests, long enough")


async def pack(part: SubOrder) -> UUID:
    return await labelling.pack(
        principal=member(part.vendor_id), sub_order_id=part.id, carrier=simulated.NAME, key=key(),
        units={(await line_of(part)).id: 1}, now=NOON,
    )  # fmt: skip


async def lay_ready(part: SubOrder) -> UUID:
    place = await Location.get(vendor_id=part.vendor_id)
    return await collecting.make_ready(
        principal=member(part.vendor_id), sub_order_id=part.id, location_id=place.id, key=key(),
        units={(await line_of(part)).id: 1}, now=NOON,
    )  # fmt: skip


async def test_what_is_on_hold_is_not_packed_handed_over_laid_ready_or_collected() -> None:
    part = await paid()
    await accept(part)
    vendor = member(part.vendor_id)
    packed, ready = await pack(part), await lay_ready(part)
    await labelling.label(shipment_id=packed, carrier=CARRIER, now=NOON)
    code = (await Shipment.get(id=ready)).pickup_code or ""

    async def hand_over() -> None:
        await shipping.hand_over(principal=vendor, shipment_id=packed, now=NOON)

    async def collect() -> None:
        await collecting.collect(principal=vendor, shipment_id=ready, code=code, now=NOON)

    leaving: list[Callable[[], Awaitable[object]]] = [
        lambda: pack(part), lambda: lay_ready(part), hand_over, collect,
    ]  # fmt: skip
    hold_id = await hold(part.order_id, sub_order_id=part.id)
    for leave in leaving:
        with pytest.raises(OnHold):
            await leave()
    assert await Shipment.filter(sub_order_id=part.id).count() == 2
    assert (await line_of(part)).shipped == 0
    await release(hold_id)
    for leave in (hand_over, collect):
        await leave()

    assert (await line_of(part)).shipped == 2
    assert await broken() == ()


async def shown(part: SubOrder) -> tuple[ShipmentView, Parcel]:
    """The parcel as its customer reads of it, and as its vendor does."""
    order = await queries.find(
        principal=Principal(Kind.TOKEN, id=part.order_id), order_id=part.order_id
    )
    [for_customer] = order.sub_orders[0].shipments
    details = await vendor_details.details(principal=member(part.vendor_id), sub_order_id=part.id)
    return for_customer, details.parcels[0]


async def test_what_nobody_could_collect_is_not_given_up_for_it() -> None:
    part = await paid()
    await accept(part)
    parcel = await Shipment.get(id=await lay_ready(part))
    assert parcel.collect_by is not None
    after = parcel.collect_by + timedelta(hours=1)

    hold_id = await hold(part.order_id, sub_order_id=part.id)
    assert await collecting.give_up_due(now=after) == 0
    (waiting, _) = await shown(part)
    await release(hold_id, now=NOON + timedelta(hours=5))

    free, at_the_vendor = await shown(part)
    assert (waiting.is_on_hold, free.is_on_hold) == (True, False)
    assert (waiting.collect_by, free.place) == (parcel.collect_by, "Main")
    assert free.collect_by == parcel.collect_by + timedelta(hours=5)
    assert at_the_vendor.collect_by == free.collect_by
    assert await collecting.give_up_due(now=after) == 0
    assert await collecting.give_up_due(now=after + timedelta(hours=4, seconds=1)) == 1
    assert await broken() == ()


async def test_a_hold_of_a_part_stops_the_clock_of_what_waits_in_the_store_too() -> None:
    part = await paid()
    await accept(part)
    parcel = await Shipment.get(id=await lay_ready(part))
    due_at = NOON + timedelta(days=7)
    wait = Start(
        kind=ClockKind.COLLECT_BY, subject_id=parcel.id, order_id=part.order_id,
        sub_order_id=part.id, vendor_id=part.vendor_id, started_at=NOON, warn_at=due_at,
        due_at=due_at,
    )  # fmt: skip
    await clocks.start([wait])

    hold_id = await hold(part.order_id, sub_order_id=part.id)
    waiting = await SlaClock.get(subject_id=parcel.id)
    await release(hold_id, now=NOON + timedelta(hours=5))
    after = await SlaClock.get(subject_id=parcel.id)

    assert (waiting.state, after.state) == (ClockState.PAUSED, ClockState.RUNNING)
    assert after.due_at == due_at + timedelta(hours=5)


async def test_two_that_hold_it_at_once_and_a_stop_by_hand_give_the_time_they_took() -> None:
    part = await paid()
    await accept(part)
    parcel = await Shipment.get(id=await lay_ready(part))
    assert parcel.collect_by is not None
    hour = timedelta(hours=1)

    holds = [await hold(part.order_id, kind=kind) for kind in (HoldKind.MANUAL, HoldKind.STOCK)]
    for hold_id in holds:
        await release(hold_id, now=NOON + hour)
    of = part.order_id
    await pausing.pause(order_id=of, cause=PauseCause.PLATFORM, now=NOON + 2 * hour)
    while_stopped = await collecting.give_up_due(now=parcel.collect_by + 9 * hour)
    await pausing.resume(order_id=of, cause=PauseCause.PLATFORM, now=NOON + 3 * hour)

    late = parcel.collect_by + 2 * hour
    assert (while_stopped, await collecting.give_up_due(now=late)) == (0, 0)
    assert await collecting.give_up_due(now=late + timedelta(seconds=1)) == 1


async def test_a_question_about_another_line_gives_no_longer_to_collect_what_is_ready() -> None:
    part = await paid()
    await accept(part)
    parcel = await Shipment.get(id=await lay_ready(part))
    assert parcel.collect_by is not None

    await pausing.pause(
        order_id=part.order_id, cause=PauseCause.CUSTOMER, reference=new_id(NOON),
        subject_ids=[part.id], now=NOON + timedelta(hours=1),
    )  # fmt: skip

    [ready] = (await shown(part))[:1]
    assert (ready.is_on_hold, ready.collect_by) == (False, parcel.collect_by)
    assert await collecting.give_up_due(now=parcel.collect_by + timedelta(seconds=1)) == 1
