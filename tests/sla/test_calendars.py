from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kit.errors import InvalidInput
from marketplace.sla.calendars import BusinessCalendar
from marketplace.sla.models import SlaPolicy


def policy(**changes: object) -> SlaPolicy:
    values: dict[str, object] = {
        "time_zone": "Europe/Berlin",
        "working_days": "12345",
        "opens": "09:00",
        "closes": "17:00",
        "holiday_country": "DE",
        "holiday_region": None,
    }
    return SlaPolicy(**values | changes)


BERLIN = BusinessCalendar.of(policy())
AROUND_THE_CLOCK = BusinessCalendar.of(
    policy(working_days="1234567", opens="00:00", closes="24:00")
)
NIGHT_SHIFT = BusinessCalendar.of(policy(working_days="1234567", opens="01:00", closes="05:00"))
SAO_PAULO = BusinessCalendar.of(
    policy(
        time_zone="America/Sao_Paulo",
        opens="08:00",
        closes="18:00",
        holiday_country="BR",
        holiday_region="SP",
    )
)


def local(calendar: BusinessCalendar, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(calendar.time_zone))


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "due"),
    [
        pytest.param(BERLIN, "2024-06-03T10:00", 3, "2024-06-03T13:00", id="within a day"),
        pytest.param(BERLIN, "2024-06-03T09:00", 8, "2024-06-03T17:00", id="to closing time"),
        pytest.param(BERLIN, "2024-06-03T16:00", 2, "2024-06-04T10:00", id="over night"),
        pytest.param(BERLIN, "2024-06-07T16:00", 2, "2024-06-10T10:00", id="over a weekend"),
        pytest.param(BERLIN, "2024-06-08T12:00", 1, "2024-06-10T10:00", id="from a Saturday"),
        pytest.param(BERLIN, "2024-06-03T05:00", 1, "2024-06-03T10:00", id="before opening"),
        pytest.param(BERLIN, "2024-06-03T20:00", 1, "2024-06-04T10:00", id="after closing"),
        pytest.param(BERLIN, "2024-06-03T17:00", 0, "2024-06-03T17:00", id="nothing, at closing"),
        pytest.param(BERLIN, "2024-06-03T17:01", 0, "2024-06-04T09:00", id="nothing, while closed"),
        pytest.param(BERLIN, "2024-12-24T16:00", 2, "2024-12-27T10:00", id="over Christmas"),
        pytest.param(BERLIN, "2024-12-31T16:00", 2, "2025-01-02T10:00", id="into a new year"),
        pytest.param(BERLIN, "2024-02-28T16:00", 9, "2024-02-29T17:00", id="on a leap day"),
        pytest.param(BERLIN, "2023-02-28T16:00", 2, "2023-03-01T10:00", id="without a leap day"),
        pytest.param(
            BERLIN, "2024-03-29T12:00", 1, "2024-04-02T10:00", id="Easter and summer time"
        ),
        pytest.param(BERLIN, "2024-06-03T09:00", 80, "2024-06-14T17:00", id="two weeks"),
        pytest.param(
            AROUND_THE_CLOCK, "2024-03-30T12:00", 24, "2024-03-31T13:00", id="a day of 23 hours"
        ),
        pytest.param(
            AROUND_THE_CLOCK, "2024-10-26T12:00", 24, "2024-10-27T11:00", id="a day of 25 hours"
        ),
        pytest.param(NIGHT_SHIFT, "2024-03-31T00:00", 3, "2024-03-31T05:00", id="a short shift"),
        pytest.param(NIGHT_SHIFT, "2024-10-27T00:00", 5, "2024-10-27T05:00", id="a long shift"),
        pytest.param(
            SAO_PAULO, "2017-10-11T17:00", 2, "2017-10-13T09:00", id="Our Lady of Aparecida"
        ),
        pytest.param(
            SAO_PAULO, "2017-10-13T17:00", 2, "2017-10-16T09:00", id="midnight that does not exist"
        ),
    ],
)
def test_hours_pass_only_while_the_vendor_is_open(
    calendar: BusinessCalendar, start: str, hours: int, due: str
) -> None:
    answer = calendar.add_hours(local(calendar, start), hours)

    assert answer == local(calendar, due)
    assert answer.tzinfo is UTC


def test_a_regional_holiday_closes_only_its_region() -> None:
    munich = BusinessCalendar.of(policy(holiday_region="BY"))
    epiphany = local(BERLIN, "2025-01-06T09:00")

    assert munich.add_hours(epiphany, 1) == local(BERLIN, "2025-01-07T10:00")
    assert BERLIN.add_hours(epiphany, 1) == local(BERLIN, "2025-01-06T10:00")


calendars = st.builds(
    BusinessCalendar,
    time_zone=st.sampled_from(
        ["Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]
    ),
    working_days=st.frozensets(st.integers(1, 7), min_size=1),
    opens=st.times(time(0), time(11)).map(lambda at: at.replace(second=0, microsecond=0)),
    closes=st.times(time(12), time(23)).map(lambda at: at.replace(second=0, microsecond=0))
    | st.just(time.max),
    country=st.sampled_from(["DE", "BR", "US", "JP"]),
)
moments = st.integers(0, 7_000_000).map(
    lambda minutes: datetime(2015, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
hours = st.integers(0, 200)


@given(calendars, moments, st.timedeltas(timedelta(0), timedelta(days=30)), hours)
def test_who_starts_later_is_never_due_earlier(
    calendar: BusinessCalendar, start: datetime, wait: timedelta, amount: int
) -> None:
    assert calendar.add_hours(start, amount) <= calendar.add_hours(start + wait, amount)


@given(calendars, moments, hours, hours)
def test_hours_added_in_two_steps_end_where_one_step_ends(
    calendar: BusinessCalendar, start: datetime, first: int, second: int
) -> None:
    in_two_steps = calendar.add_hours(calendar.add_hours(start, first), second)

    assert in_two_steps == calendar.add_hours(start, first + second)


@given(calendars, moments, hours)
def test_a_deadline_is_never_while_the_vendor_is_closed(
    calendar: BusinessCalendar, start: datetime, amount: int
) -> None:
    due = calendar.add_hours(start, amount).astimezone(ZoneInfo(calendar.time_zone))

    is_midnight = due.time() == time.min and calendar.closes == time.max
    day = (
        due.date() - timedelta(days=1) if is_midnight and not _opens(calendar, due) else due.date()
    )
    assert day.isoweekday() in calendar.working_days
    assert day not in holidays.country_holidays(calendar.country)
    assert is_midnight or calendar.opens <= due.time() <= calendar.closes
    assert due >= start


def _opens(calendar: BusinessCalendar, due: datetime) -> bool:
    is_holiday = due.date() in holidays.country_holidays(calendar.country)
    return due.isoweekday() in calendar.working_days and not is_holiday


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"time_zone": "Mars/Olympus"}, "time zone"),
        ({"time_zone": "../etc/passwd"}, "time zone"),
        ({"working_days": ""}, "working days"),
        ({"working_days": "128"}, "working days"),
        ({"opens": "nine"}, "opens"),
        ({"opens": "24:00"}, "opens"),
        ({"closes": "08:00"}, "closes"),
        ({"holiday_country": "XX"}, "holidays"),
        ({"holiday_region": "Atlantis"}, "holidays"),
    ],
)
def test_a_policy_nobody_can_keep_is_refused(change: dict[str, object], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        BusinessCalendar.of(policy(**change))
