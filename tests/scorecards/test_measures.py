"""What counts as an answer's time, an incident, a return and a refund; told alike to all."""

from datetime import date, datetime, timedelta

import pytest

from marketplace.accounts.models import Vendor
from marketplace.inventory import adjusting
from marketplace.inventory.models import Stock
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from marketplace.orders import (
    accepting,
    calling_off,
    losing,
    refunding,
    running_short,
    shipping,
)
from marketplace.orders.models import Shipment, SubOrder
from marketplace.orders.states import ShipmentState
from marketplace.orders.tracks import TrackingValidity
from marketplace.outbox import draining
from marketplace.outbox.routes import Route
from marketplace.payments import disputing
from marketplace.scorecards import computing
from marketplace.scorecards.metrics import Metric
from marketplace.sla import clocks, pausing
from marketplace.sla.models import (
    ClockKind,
    ClockState,
    OffersAway,
    PauseCause,
    SlaClock,
    VendorClosure,
)
from tests.factories import (
    NOON,
    make_offer,
    make_paid_order,
    make_vendor,
    member,
    parts_of,
)
from tests.vendor_portal.desks import line_of, order_for

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
LATER = NOON + timedelta(days=6)
DAY = timedelta(days=1)


def hours(number: float) -> datetime:
    return NOON + timedelta(hours=number)


async def answered(vendor: Vendor, at: datetime, *, no: bool = False) -> SubOrder:
    [part] = await order_for(vendor)
    refused = {(await line_of(part)).id: 3} if no else None
    return await accepting.accept(
        principal=member(vendor.id), sub_order_id=part, refused=refused, reason="Broken", now=at
    )


async def sent(vendor: Vendor) -> Shipment:
    part = await answered(vendor, NOON)
    shipment_id = await shipping.ship(
        principal=member(vendor.id), sub_order_id=part.id, carrier="DHL",
        tracking_number="JD014600", key=str(part.id), now=hours(1),
    )  # fmt: skip
    return await Shipment.get(id=shipment_id)


async def figure(vendor: Vendor, metric: Metric, now: datetime = LATER) -> tuple[int, int]:
    measured = await computing.measure(principal=SYSTEM, vendor_id=vendor.id, now=now)
    [found] = [one for one in measured[7] if one.metric is metric]
    return found.counted, found.sample


async def test_an_answer_takes_the_time_that_its_deadline_ran() -> None:
    vendor = await make_vendor()
    await answered(vendor, hours(3))
    await answered(vendor, hours(1), no=True)
    await order_for(vendor)  # nobody has answered yet
    [held] = await order_for(vendor)
    part = await SubOrder.get(id=held)
    for cause, begins, ends in ((PauseCause.HOLD, 1, 3), (PauseCause.CUSTOMER, 2, 4)):
        await pausing.pause(order_id=part.order_id, cause=cause, now=hours(begins))
        await pausing.resume(order_id=part.order_id, cause=cause, now=hours(ends))
    await accepting.accept(principal=member(vendor.id), sub_order_id=held, now=hours(5.5))

    assert await figure(vendor, Metric.ACCEPTANCE_DELAY) == ((3 + 1) * 60 + 150, 3)
    assert await figure(vendor, Metric.ACCEPTANCE_DELAY, hours(2)) == (60, 1)
    assert await figure(vendor, Metric.ACCEPTANCE_DELAY, hours(7 * 24 + 2)) == (180 + 150, 2)


async def test_what_left_and_arrived_while_its_deadlines_stood_still_is_not_late() -> None:
    vendor = await make_vendor()
    part = await answered(vendor, NOON)
    await pausing.pause(order_id=part.order_id, cause=PauseCause.PLATFORM, now=hours(1))
    due = (await SlaClock.get(sub_order_id=part.id, kind=ClockKind.SHIP_BY)).due_at
    await shipping.ship(
        principal=member(vendor.id), sub_order_id=part.id, carrier="DHL",
        tracking_number="JD014600", key=str(part.id), now=due + DAY,
    )  # fmt: skip
    parcel = await Shipment.get(sub_order_id=part.id)
    await SlaClock.create(
        id=new_id(NOON), kind=ClockKind.DELIVER_BY, subject_id=parcel.id, order_id=part.order_id,
        sub_order_id=part.id, vendor_id=vendor.id, state=ClockState.PAUSED, started_at=due,
        paused_at=due, due_at=due + DAY,
    )  # fmt: skip
    await clocks.meet(subject_ids=[parcel.id], kind=ClockKind.DELIVER_BY, now=due + 3 * DAY)

    assert await figure(vendor, Metric.LATE_SHIPMENT, due + DAY) == (0, 1)
    assert await figure(vendor, Metric.LATE_SHIPMENT, due + DAY / 2) == (0, 0)  # it stood still
    assert await figure(vendor, Metric.ON_TIME_DELIVERY, due + 3 * DAY) == (1, 1)
    assert await figure(vendor, Metric.ON_TIME_DELIVERY, due + 2 * DAY) == (0, 0)


async def test_an_answer_or_a_pause_that_ends_before_it_began_took_no_time() -> None:
    vendor = await make_vendor()
    part = await answered(vendor, hours(1))
    await pausing.pause(order_id=part.order_id, cause=PauseCause.PLATFORM, now=NOON)
    await pausing.resume(order_id=part.order_id, cause=PauseCause.PLATFORM, now=hours(-1))
    early = await answered(vendor, hours(1))
    await SlaClock.filter(sub_order_id=early.id, kind=ClockKind.ACCEPT_BY).update(met_at=hours(-1))

    assert await figure(vendor, Metric.ACCEPTANCE_DELAY) == (60, 2)


async def test_days_off_are_not_time_to_answer() -> None:
    vendor = await make_vendor()
    await VendorClosure.create(
        id=new_id(NOON), vendor_id=vendor.id, first_day=date(2026, 3, 3),
        last_day=date(2026, 3, 4), offers=OffersAway.VISIBLE, note="", created_by="system",
        created_at=NOON,
    )  # fmt: skip

    await answered(vendor, hours(3 * 24))

    assert await figure(vendor, Metric.ACCEPTANCE_DELAY) == (24 * 60, 1)


async def test_an_order_that_nobody_answered_in_time_is_not_accepted() -> None:
    vendor = await make_vendor()
    [part] = await order_for(vendor)
    await answered(vendor, hours(1))
    await connection().execute(
        "UPDATE sla_clock SET state = 'breached', breached_at = due_at"
        " WHERE sub_order_id = $1 AND kind = 'accept_by'",
        part,
    )

    assert await figure(vendor, Metric.ACCEPTANCE) == (1, 2)
    assert await figure(vendor, Metric.ACCEPTANCE, hours(2)) == (1, 1)  # it was not due then


async def test_parcels_that_are_lost_stuck_or_back_count_once_each() -> None:
    vendor = await make_vendor()
    fine, lost, back = [await sent(vendor) for _ in range(3)]
    for parcel, came_back in ((lost, False), (back, True)):
        await losing.report(
            principal=SYSTEM, shipment_id=parcel.id, came_back=came_back, reason="Gone", now=LATER
        )

    assert await figure(vendor, Metric.INCIDENT) == (1, 3)
    assert await figure(vendor, Metric.RETURNED_TO_SENDER) == (1, 3)

    await Shipment.filter(id=fine.id).update(state=ShipmentState.EXCEPTION)
    assert await figure(vendor, Metric.INCIDENT) == (2, 3)


async def test_a_parcel_that_has_just_left_need_not_be_scanned_yet() -> None:
    vendor = await make_vendor()
    scanned, _ = [await sent(vendor) for _ in range(2)]
    await Shipment.filter(id=scanned.id).update(validity=TrackingValidity.VERIFIED)

    assert await figure(vendor, Metric.VALID_TRACKING, hours(1 + 47)) == (0, 0)
    assert await figure(vendor, Metric.VALID_TRACKING, hours(1 + 48)) == (1, 2)
    assert await figure(vendor, Metric.VALID_TRACKING, hours(1 + 9 * 24 - 1)) == (1, 2)
    assert await figure(vendor, Metric.VALID_TRACKING, hours(1 + 9 * 24)) == (0, 0)
    assert await figure(vendor, Metric.RETURNED_TO_SENDER, hours(1 + 7 * 24)) == (0, 0)


async def test_what_another_vendor_sends_or_a_shelf_ran_short_of_is_called_off_too() -> None:
    mine, short = await make_offer(on_hand=9), await make_offer(on_hand=2)
    await make_offer(like=mine)
    moved = await make_paid_order({mine.id: 2})
    [part] = await parts_of(moved)
    await accepting.accept(principal=member(mine.vendor_id), sub_order_id=part.id, now=NOON)
    await calling_off.cancel(
        principal=member(mine.vendor_id), order_id=moved, units={part.lines[0].id: 1},
        reason="Damaged", key="k", now=NOON, elsewhere_first=True,
    )  # fmt: skip
    await make_paid_order({mine.id: 1})
    await make_paid_order({short.id: 2})
    shelf = await Stock.get(offer_id=short.id)
    await adjusting.count(
        principal=member(short.vendor_id), stock_id=shelf.id, change_from=2, to=1, now=NOON
    )
    routes = {"stock.short": [Route("shortages", running_short.on_stock_short)]}
    await draining.drain(routes=routes, now=NOON)

    for offer, counted in ((mine, (1, 2)), (short, (1, 1))):
        vendor = await Vendor.get(id=offer.vendor_id)
        assert await figure(vendor, Metric.CANCELLATION) == counted


async def test_refunds_and_disputes_count_and_a_vendor_is_told_what_staff_are_told() -> None:
    vendor = await make_vendor()
    refunded, disputed = [await sent(vendor) for _ in range(2)]
    await refunding.request_full(
        principal=SYSTEM, order_id=refunded.order_id, reason="Broken", key="once", now=hours(2)
    )
    await disputing.count(disputed.order_id, {disputed.sub_order_id: 5_00})

    assert await figure(vendor, Metric.REFUND) == (1, 2)
    assert await figure(vendor, Metric.REFUND, hours(1.5)) == (0, 2)
    assert await figure(vendor, Metric.INCIDENT) == (1, 2)
    staff = await computing.measure(principal=SYSTEM, vendor_id=vendor.id, now=LATER)
    await connection().execute(f"SET LOCAL souk.scope = '{vendor.id}'")
    theirs = await computing.measure(principal=member(vendor.id), vendor_id=vendor.id, now=LATER)
    await connection().execute("SET LOCAL souk.scope = 'all'")
    assert theirs == staff

    await disputing.count(disputed.order_id, {disputed.sub_order_id: -5_00})
    assert await figure(vendor, Metric.INCIDENT) == (0, 2)


async def test_behind_a_delay_stand_its_orders_with_their_minutes() -> None:
    vendor = await make_vendor()
    slow = await answered(vendor, hours(4))
    await answered(vendor, hours(1))

    newest, _ = await computing.behind(
        principal=member(vendor.id), vendor_id=vendor.id, metric=Metric.ACCEPTANCE_DELAY, days=7,
        now=LATER,
    )  # fmt: skip

    assert (newest.sub_order_id, newest.at, newest.amount) == (slow.id, hours(4), 240)
