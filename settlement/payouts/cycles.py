"""On which days a vendor is paid. Pure: days in, days out."""

from calendar import monthrange
from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from settlement.terms.models import Schedule

ZONE = "UTC"  # whose midnight begins a cycle
_DAY = timedelta(days=1)
_LONGEST = 62  # no schedule with days rests for longer


def day_of(at: datetime, *, time_zone: str = ZONE) -> date:
    """The local day of a moment."""
    return at.astimezone(ZoneInfo(time_zone)).date()


def is_due(schedule: Schedule, schedule_days: Collection[int], day: date) -> bool:
    """Whether the schedule pays on this day.

    A day of the month that a month does not have is its last one. On demand is never due.
    """
    match schedule:
        case Schedule.DAILY:
            return True
        case Schedule.WEEKLY:
            return day.isoweekday() in schedule_days
        case Schedule.MONTH_DAYS:
            last = monthrange(day.year, day.month)[1]
            return day.day in schedule_days or (day.day == last and max(schedule_days) > last)
        case Schedule.ON_DEMAND:
            return False


def is_due_within(
    schedule: Schedule, schedule_days: Collection[int], *, after: date, until: date
) -> bool:
    """Whether a day after `after`, up to and with `until`, is one to be paid on."""
    days = min((until - after).days, _LONGEST)
    return any(is_due(schedule, schedule_days, until - n * _DAY) for n in range(days))


def next_due(schedule: Schedule, schedule_days: Collection[int], *, after: date) -> date | None:
    """The first day after this one to be paid on; None for a vendor that asks for its money."""
    for n in range(1, _LONGEST + 1):
        if is_due(schedule, schedule_days, after + n * _DAY):
            return after + n * _DAY
    return None
