from datetime import UTC, date, datetime

import pytest

from settlement.payouts import cycles
from settlement.terms.models import Schedule

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


@pytest.mark.parametrize(
    ("schedule", "days", "day", "due"),
    [
        (Schedule.DAILY, [], TUESDAY, True),
        (Schedule.WEEKLY, [1], MONDAY, True),
        (Schedule.WEEKLY, [1], TUESDAY, False),
        (Schedule.WEEKLY, [1, 4], date(2026, 11, 26), True),
        (Schedule.MONTH_DAYS, [1, 11, 21], date(2026, 11, 11), True),
        (Schedule.MONTH_DAYS, [1, 11, 21], date(2026, 11, 12), False),
        (Schedule.MONTH_DAYS, [31], date(2026, 11, 30), True),
        (Schedule.MONTH_DAYS, [31], date(2026, 12, 30), False),
        (Schedule.MONTH_DAYS, [30], date(2028, 2, 29), True),
        (Schedule.MONTH_DAYS, [28], date(2028, 2, 29), False),
        (Schedule.ON_DEMAND, [], MONDAY, False),
    ],
)
def test_a_schedule_pays_on_its_days(
    schedule: Schedule, days: list[int], day: date, due: bool
) -> None:
    assert cycles.is_due(schedule, days, day) is due


@pytest.mark.parametrize(
    ("schedule", "days", "expected"),
    [
        (Schedule.DAILY, [], TUESDAY),
        (Schedule.WEEKLY, [1], date(2026, 11, 30)),
        (Schedule.WEEKLY, [1, 3], date(2026, 11, 25)),
        (Schedule.MONTH_DAYS, [5], date(2026, 12, 5)),
        (Schedule.MONTH_DAYS, [31], date(2026, 11, 30)),
        (Schedule.ON_DEMAND, [], None),
    ],
)
def test_the_next_day_lies_behind_this_one(
    schedule: Schedule, days: list[int], expected: date | None
) -> None:
    assert cycles.next_due(schedule, days, after=MONDAY) == expected


def test_a_day_that_was_missed_is_within() -> None:
    within = cycles.is_due_within

    assert within(Schedule.WEEKLY, [1], after=date(2026, 11, 20), until=TUESDAY)
    assert not within(Schedule.WEEKLY, [1], after=MONDAY, until=TUESDAY)
    assert not within(Schedule.DAILY, [], after=TUESDAY, until=TUESDAY)
    assert within(Schedule.MONTH_DAYS, [1], after=date(2020, 1, 1), until=TUESDAY)


def test_a_day_is_the_local_one() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)

    assert cycles.day_of(late) == date(2026, 11, 22)
    assert cycles.day_of(late, time_zone="Europe/Berlin") == MONDAY
    assert cycles.day_of(late, time_zone="America/Sao_Paulo") == date(2026, 11, 22)
