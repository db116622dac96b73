"""Tell the customer, before the promised date passes, that something comes later, and when."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from uuid import UUID
from zoneinfo import ZoneInfo

from marketplace.kit.errors import InvalidInput
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.kit.transactions import atomic, connection
from marketplace.orders import locking
from marketplace.orders.errors import NothingToDo
from marketplace.orders.events import SubOrderDelayed
from marketplace.outbox import recording
from marketplace.sla import vendor_times
from marketplace.sla.calendars import BusinessCalendar
from marketplace.sla.clocks import COLUMNS, Clock, read
from marketplace.sla.models import ClockState

# A deadline that stands still has no end yet: the customer hears this long before its date.
AHEAD = timedelta(hours=12)
FURTHEST = timedelta(days=120)
LONGEST_REASON = 160  # characters
WAITING = "It has to wait for a check"
MOVED = "It takes longer than planned"

_TIME_ZONE = """
    SELECT channel.time_zone
    FROM orders JOIN channel ON channel.id = orders.channel_id WHERE orders.id = $1
"""
_NOTICE = """
    INSERT INTO delay_notice (id, clock_id, order_id, sub_order_id, vendor_id, was_at, new_at,
        reason, told_by, told_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (clock_id, new_at) DO NOTHING RETURNING id
"""
_SHIP_BY = f"""
    SELECT {COLUMNS} FROM sla_clock
    WHERE subject_id = $1 AND kind = 'ship_by' AND superseded_at IS NULL
        AND met_at IS NULL AND void_at IS NULL AND promised_at IS NOT NULL
"""
# What was done since somebody looked is promised no more.
_PROMISE = """
    UPDATE sla_clock SET promised_at = $2 WHERE id = $1 AND met_at IS NULL AND void_at IS NULL
    RETURNING id
"""


async def tell(
    clock: Clock, *, new_at: datetime, reason: str, by: Principal, now: datetime
) -> bool:
    """Promise another date, once for each day it names; False when it is no later day.

    Call it under the order's lock. Days are those of the channel, in which the customer reads.
    """
    promised = clock.promised_at
    if promised is None or new_at <= promised:
        return False
    if await connection().fetchval(_PROMISE, clock.id, new_at) is None:
        return False
    zone = ZoneInfo(await connection().fetchval(_TIME_ZONE, clock.order_id))
    if new_at.astimezone(zone).date() == promised.astimezone(zone).date():
        return False
    notice_id = await connection().fetchval(
        _NOTICE, new_id(now), clock.id, clock.order_id, clock.sub_order_id, clock.vendor_id,
        promised, new_at, reason, by.key, now,
    )  # fmt: skip
    if notice_id is None:
        return False
    assert clock.sub_order_id is not None
    event = SubOrderDelayed(
        order_id=clock.order_id, sub_order_id=clock.sub_order_id, notice_id=notice_id
    )
    await recording.record([event], now=now)
    return True


@atomic()
async def announce(
    *, principal: Principal, sub_order_id: UUID, day: date, reason: str, now: datetime
) -> datetime:
    """A vendor, or staff for it, promises the customer another day to ship; until when that is.

    The vendor's own deadline stays where it is. Refuses what is not to be shipped (NothingToDo), a
    day that is not later than promised or lies far ahead, a day on which the vendor is closed,
    and a promise without a reason.
    """
    locking.refuse_outsiders(principal)
    sub_order = await locking.lock_sub_order(sub_order_id, by=principal)
    clock = await _open(sub_order.id)
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        raise InvalidInput("reason", "it says why", f"1 to {LONGEST_REASON} characters")
    time = (await vendor_times.of_vendors([sub_order.vendor_id]))[sub_order.vendor_id]
    midnight = datetime.combine(day, time_of_day.min, ZoneInfo(time.calendar.time_zone))
    new_at = time.calendar.add_days(midnight, 0)
    if new_at - midnight > timedelta(hours=26):
        raise InvalidInput("day", "you are closed that day", "a day on which you work")
    assert clock.promised_at is not None
    promised = max(clock.promised_at, now).astimezone(midnight.tzinfo).date()
    if day <= promised or new_at > now + FURTHEST:
        raise InvalidInput(
            "day", "it is not later than promised, or far away", f"up to {FURTHEST.days} days"
        )
    await tell(clock, new_at=new_at, reason=reason, by=principal, now=now)
    return new_at


async def tell_moved(clock: Clock, *, now: datetime) -> None:
    """Tell of a deadline that has moved past its promise, or stands still just before it."""
    if clock.state is ClockState.PAUSED:
        new_at = await _expected(clock, now)
        await tell(clock, new_at=new_at, reason=WAITING, by=SYSTEM, now=now)
    else:
        await tell(clock, new_at=clock.due_at, reason=MOVED, by=SYSTEM, now=now)


async def calendars(clocks: Sequence[Clock]) -> dict[UUID, BusinessCalendar]:
    """By clock, where it counts business hours."""
    owners = {clock.on_calendar_of for clock in clocks if clock.on_calendar_of is not None}
    times = await vendor_times.of_vendors(owners)
    return {
        clock.id: times[clock.on_calendar_of].calendar for clock in clocks if clock.on_calendar_of
    }


async def _open(sub_order_id: UUID) -> Clock:
    row = await connection().fetchrow(_SHIP_BY, sub_order_id)
    if row is None:
        raise NothingToDo(action="promise")
    return read(row)


async def _expected(clock: Clock, now: datetime) -> datetime:
    """The end of the day on which it is done if it goes on when it was promised for."""
    assert clock.paused_at is not None
    assert clock.promised_at is not None
    begins = max(now, clock.promised_at)
    calendar = (await calendars([clock])).get(clock.id)
    if calendar is None:
        return begins + max(clock.due_at - clock.paused_at, timedelta(days=1))
    left = calendar.between(clock.paused_at, clock.due_at)
    return calendar.add_days(calendar.add(begins, left), 1)
