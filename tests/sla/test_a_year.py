"""A year of deadlines: clock changes, a leap day, four time zones, holidays, vacations, holds.

Each row was worked out by hand on a calendar of its country.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from marketplace.kit.ids import new_id
from marketplace.sla import shifting, starting
from marketplace.sla.calendars import BusinessCalendar
from marketplace.sla.clocks import Clock
from marketplace.sla.matching import Rule
from marketplace.sla.models import ClockKind, ClockState, SlaPolicy
from marketplace.sla.policy_models import Unit

ZONES = {
    "berlin": ("Europe/Berlin", "DE", "BE", "12345", "09:00", "17:00"),
    "newyork": ("America/New_York", "US", None, "12345", "09:00", "17:00"),
    "tokyo": ("Asia/Tokyo", "JP", None, "12345", "10:00", "18:00"),
    "auckland": ("Pacific/Auckland", "NZ", None, "12345", "09:00", "17:00"),
    "nights": ("Europe/Berlin", "DE", "BE", "1234567", "00:00", "24:00"),
}
HOURS, DAYS, ALL = Unit.BUSINESS_HOURS, Unit.BUSINESS_DAYS, Unit.HOURS

# Each: the vendor, when it begins there, how long, a cut-off, and when it is due there.
DUE = [
    # An ordinary Monday; the end of a day is its closing time.
    ("berlin", "2028-01-10 10:00", 4, HOURS, None, "2028-01-10 14:00"),
    ("berlin", "2028-01-10 09:00", 8, HOURS, None, "2028-01-10 17:00"),
    ("berlin", "2028-01-10 16:00", 2, HOURS, None, "2028-01-11 10:00"),
    # New Year, a Saturday in 2028: Monday is the first day of work. Japan rests until the 3rd.
    ("berlin", "2027-12-31 16:00", 2, HOURS, None, "2028-01-03 10:00"),
    ("tokyo", "2027-12-31 17:00", 2, HOURS, None, "2028-01-03 11:00"),
    ("auckland", "2027-12-31 16:00", 2, HOURS, None, "2028-01-05 10:00"),
    ("newyork", "2027-12-30 16:00", 2, HOURS, None, "2028-01-03 10:00"),
    # The leap day is a Tuesday like any other.
    ("berlin", "2028-02-28 16:00", 9, HOURS, None, "2028-02-29 17:00"),
    ("berlin", "2028-02-28 16:00", 10, HOURS, None, "2028-03-01 10:00"),
    ("tokyo", "2028-02-28 10:00", 1, DAYS, None, "2028-02-29 18:00"),
    ("berlin", "2028-02-28 12:00", 48, ALL, None, "2028-03-01 12:00"),
    # Clocks go forward: New York on 12 March, Berlin on 26 March; back on 5 November, 29 October.
    # Auckland the other way round: back on 2 April, forward on 24 September. Tokyo never.
    ("newyork", "2028-03-10 16:00", 9, HOURS, None, "2028-03-13 17:00"),
    ("newyork", "2028-03-11 12:00", 24, ALL, None, "2028-03-12 13:00"),
    ("berlin", "2028-03-24 16:00", 9, HOURS, None, "2028-03-27 17:00"),
    ("nights", "2028-03-25 12:00", 24, HOURS, None, "2028-03-26 13:00"),
    ("nights", "2028-03-26 00:00", 23, HOURS, None, "2028-03-26 24:00"),
    ("nights", "2028-10-28 12:00", 24, HOURS, None, "2028-10-29 11:00"),
    ("nights", "2028-10-29 00:00", 25, HOURS, None, "2028-10-29 24:00"),
    ("berlin", "2028-10-27 16:00", 9, HOURS, None, "2028-10-30 17:00"),
    ("newyork", "2028-11-04 12:00", 24, ALL, None, "2028-11-05 11:00"),
    ("auckland", "2028-04-01 12:00", 24, ALL, None, "2028-04-02 11:00"),
    ("auckland", "2028-03-31 16:00", 9, HOURS, None, "2028-04-03 17:00"),
    ("auckland", "2028-09-23 12:00", 24, ALL, None, "2028-09-24 13:00"),
    ("tokyo", "2028-03-25 12:00", 24, ALL, None, "2028-03-26 12:00"),
    # Good Friday is 14 April 2028, Easter Monday the 17th: Germany and New Zealand rest.
    ("berlin", "2028-04-13 16:00", 2, HOURS, None, "2028-04-18 10:00"),
    ("auckland", "2028-04-13 16:00", 2, HOURS, None, "2028-04-18 10:00"),
    ("newyork", "2028-04-13 16:00", 2, HOURS, None, "2028-04-14 10:00"),
    ("berlin", "2028-04-13 10:00", 2, DAYS, None, "2028-04-19 17:00"),
    # Golden Week: 3, 4 and 5 May 2028 are Wednesday to Friday.
    ("tokyo", "2028-05-02 17:00", 2, HOURS, None, "2028-05-08 11:00"),
    # Independence Day is a Tuesday, Thanksgiving 23 November, Christmas a Monday.
    ("newyork", "2028-07-03 16:00", 2, HOURS, None, "2028-07-05 10:00"),
    ("newyork", "2028-11-22 16:00", 2, HOURS, None, "2028-11-24 10:00"),
    ("berlin", "2028-12-22 16:00", 2, HOURS, None, "2028-12-27 10:00"),
    ("newyork", "2028-12-22 16:00", 2, HOURS, None, "2028-12-26 10:00"),
    ("tokyo", "2028-12-22 17:00", 2, HOURS, None, "2028-12-25 11:00"),
    # Berlin's own holiday, Women's Day on 8 March, is a Wednesday.
    ("berlin", "2028-03-07 16:00", 2, HOURS, None, "2028-03-09 10:00"),
    # What comes while closed begins with the next opening; days end when the shop does.
    ("berlin", "2028-01-15 12:00", 8, HOURS, None, "2028-01-17 17:00"),
    ("berlin", "2028-01-15 12:00", 1, DAYS, None, "2028-01-18 17:00"),
    ("berlin", "2028-01-14 18:00", 1, DAYS, None, "2028-01-18 17:00"),
    ("berlin", "2028-01-14 10:00", 1, DAYS, None, "2028-01-17 17:00"),
    # A cut-off at two: what comes later counts from the next working day.
    ("berlin", "2028-01-14 14:00", 4, HOURS, "14:00", "2028-01-17 10:00"),
    ("berlin", "2028-01-14 14:01", 4, HOURS, "14:00", "2028-01-17 13:00"),
    ("berlin", "2028-01-13 14:01", 1, DAYS, "14:00", "2028-01-17 17:00"),
    ("berlin", "2028-04-13 15:00", 1, DAYS, "14:00", "2028-04-19 17:00"),
    ("newyork", "2028-03-10 15:00", 1, DAYS, "14:00", "2028-03-14 17:00"),
]


def calendar(name: str, *closed: tuple[date, date]) -> BusinessCalendar:
    zone, country, region, days, opens, closes = ZONES[name]
    hours = SlaPolicy(
        time_zone=zone, working_days=days, opens=opens, closes=closes, holiday_country=country,
        holiday_region=region,
    )  # fmt: skip
    return BusinessCalendar.of(hours, closed)


def local(name: str, text: str) -> datetime:
    """A local time of a vendor's, in UTC; 24:00 is the end of the day."""
    day, hour = text.split()
    later = timedelta(days=1) if hour == "24:00" else timedelta()
    at = datetime.combine(
        date.fromisoformat(day) + later,
        time() if later else time.fromisoformat(hour),
        ZoneInfo(ZONES[name][0]),
    )
    return at.astimezone(UTC)


@pytest.mark.parametrize(("vendor", "begins", "amount", "unit", "cut_off", "due"), DUE)
def test_a_deadline_of_the_year_is_due_when_a_person_would_say(
    vendor: str, begins: str, amount: int, unit: Unit, cut_off: str | None, due: str
) -> None:
    rule = Rule(
        id=new_id(datetime(2028, 1, 1, tzinfo=UTC)), kind=ClockKind.SHIP_BY, vendor_tier=None,
        category=None, shipping_method=None, amount=amount, unit=unit, warn_hours=2,
        cut_off=time.fromisoformat(cut_off) if cut_off else None,
    )  # fmt: skip

    warn_at, due_at = starting.dates(rule, calendar(vendor), local(vendor, begins))

    assert due_at == local(vendor, due)
    assert local(vendor, begins) <= warn_at <= due_at


def a_clock(due_at: datetime) -> Clock:
    at = datetime(2028, 1, 1, tzinfo=UTC)
    return Clock(
        id=new_id(at), kind=ClockKind.SHIP_BY, subject_id=new_id(at), order_id=new_id(at),
        started_at=at, due_at=due_at, state=ClockState.PAUSED, warned_at=None, paused_at=None,
        promised_at=due_at,
    )  # fmt: skip


# Each: the vendor, when it was due, the hold from and until, and when it is due after it.
HELD = [
    ("berlin", "2028-01-17 12:00", "2028-01-14 17:00", "2028-01-17 09:00", "2028-01-17 12:00"),
    ("berlin", "2028-01-17 12:00", "2028-01-14 16:00", "2028-01-17 10:00", "2028-01-17 14:00"),
    ("berlin", "2028-01-17 12:00", "2028-01-15 12:00", "2028-01-16 12:00", "2028-01-17 12:00"),
    # Over the weekend in which the clocks change: Monday's hours are Monday's hours.
    ("berlin", "2028-03-27 12:00", "2028-03-24 16:00", "2028-03-27 10:00", "2028-03-27 14:00"),
    ("newyork", "2028-11-06 12:00", "2028-11-03 16:00", "2028-11-06 10:00", "2028-11-06 14:00"),
    ("nights", "2028-03-26 12:00", "2028-03-26 00:00", "2028-03-26 06:00", "2028-03-26 17:00"),
    # Over Christmas nobody works, so nothing is lost.
    ("berlin", "2028-12-27 12:00", "2028-12-22 17:00", "2028-12-27 09:00", "2028-12-27 12:00"),
    # A month of it.
    ("tokyo", "2028-02-15 11:00", "2028-02-14 10:00", "2028-03-14 10:00", "2028-03-15 11:00"),
]


@pytest.mark.parametrize(("vendor", "due", "since", "until", "after"), HELD)
def test_a_hold_takes_the_business_time_it_lasts(
    vendor: str, due: str, since: str, until: str, after: str
) -> None:
    clock = a_clock(local(vendor, due))

    moved = shifting.carried_on(
        clock, since=local(vendor, since), until=local(vendor, until), on=calendar(vendor)
    )

    assert moved.due_at == local(vendor, after)


def test_a_vacation_moves_what_is_due_in_it_and_after_it_by_its_working_days() -> None:
    at, due = local("berlin", "2028-07-06 12:00"), local("berlin", "2028-07-10 12:00")
    away = calendar("berlin", (date(2028, 7, 8), date(2028, 7, 16)))  # from a Saturday

    moved = shifting.laid_on(a_clock(due), at=at, before=calendar("berlin"), after=away)
    back = shifting.laid_on(a_clock(moved.due_at), at=at, before=away, after=calendar("berlin"))

    assert moved.due_at == local("berlin", "2028-07-17 12:00")
    assert back.due_at == due


def test_business_time_is_the_same_forwards_and_backwards_all_year() -> None:
    for name in ("berlin", "newyork", "tokyo", "auckland"):
        open_hours = calendar(name)
        at = local(name, "2028-01-04 10:30")
        while at.year == 2028:
            for hours in (1, 7, 8, 30):
                due = open_hours.add_hours(at, hours)
                assert open_hours.between(at, due) == timedelta(hours=hours)
                assert open_hours.add(open_hours.before(due, timedelta(hours=hours)),
                    timedelta(hours=hours)) == due  # fmt: skip
            at += timedelta(hours=61)
