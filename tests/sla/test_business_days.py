"""Days that count: working days of a country, ends of local days, whatever the clocks do."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.sla.calendars import add_business_days

BERLIN = ZoneInfo("Europe/Berlin")


def after(start: datetime, days: int, country: str = "DE", zone: str = "Europe/Berlin") -> datetime:
    return add_business_days(start, days, country=country, time_zone=zone)


def midnight(year: int, month: int, day: int, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime(year, month, day, tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "days", "ends"),
    [
        # A Monday: Tuesday is the first day, over when Wednesday begins.
        (datetime(2026, 3, 2, 12, tzinfo=UTC), 1, midnight(2026, 3, 4)),
        (datetime(2026, 3, 2, 12, tzinfo=UTC), 5, midnight(2026, 3, 10)),
        # From a weekend the first day is Monday.
        (datetime(2026, 3, 7, 12, tzinfo=UTC), 1, midnight(2026, 3, 10)),
        # Good Friday and Easter Monday of 2026 do not count.
        (datetime(2026, 4, 2, 12, tzinfo=UTC), 1, midnight(2026, 4, 8)),
        # The clocks go forward on 29 March and back on 25 October 2026.
        (datetime(2026, 3, 27, 12, tzinfo=UTC), 1, midnight(2026, 3, 31)),
        (datetime(2026, 10, 23, 12, tzinfo=UTC), 1, midnight(2026, 10, 27)),
        # Late on Sunday in UTC is Monday in Berlin already.
        (datetime(2026, 3, 1, 23, 30, tzinfo=UTC), 1, midnight(2026, 3, 4)),
    ],
)
def test_the_last_day_is_over_at_local_midnight(start: datetime, days: int, ends: datetime) -> None:
    assert after(start, days) == ends
    assert after(start, days).tzinfo is UTC


def test_no_days_are_over_at_once() -> None:
    start = datetime(2026, 3, 7, 12, tzinfo=UTC)

    assert after(start, 0) == start


def test_holidays_are_the_countrys() -> None:
    start = datetime(2026, 11, 25, 12, tzinfo=UTC)  # the day before Thanksgiving

    assert after(start, 1, "US", "America/New_York") == midnight(
        2026, 11, 28, ZoneInfo("America/New_York")
    )
    assert after(start, 1) == midnight(2026, 11, 27)


def test_a_country_whose_holidays_nobody_knows_has_none() -> None:
    start = datetime(2026, 12, 24, 12, tzinfo=UTC)

    assert after(start, 1, "XX", "UTC") == datetime(2026, 12, 26, tzinfo=UTC)


@given(
    start=st.integers(0, 10 * 365 * 24 * 60).map(
        lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    days=st.integers(0, 40),
    more=st.integers(0, 20),
)
def test_later_never_ends_earlier_and_days_add_up(start: datetime, days: int, more: int) -> None:
    ends = after(start, days)

    assert ends >= start
    assert after(start, days + more) >= ends
    assert after(start + timedelta(days=1), days) >= ends
    if days:
        last = (ends - timedelta(seconds=1)).astimezone(BERLIN)
        assert last.isoweekday() <= 5
        assert last.date() > start.astimezone(BERLIN).date()
