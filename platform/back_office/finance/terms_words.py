"""Settlement terms in words."""

from collections.abc import Sequence
from decimal import Decimal

from settlement.terms.models import Schedule

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SCHEDULES = {
    Schedule.DAILY: "Every day",
    Schedule.WEEKLY: "On days of the week",
    Schedule.MONTH_DAYS: "On days of the month",
    Schedule.ON_DEMAND: "When the vendor asks",
}


def schedule_in_words(schedule: Schedule, days: Sequence[int]) -> str:
    """When a vendor is paid: "Every Monday, Thursday", "On day 1, 15 of the month"."""
    if schedule is Schedule.WEEKLY:
        return "Every " + ", ".join(WEEKDAYS[day - 1] for day in days)
    if schedule is Schedule.MONTH_DAYS:
        return f"On day {', '.join(str(day) for day in days)} of the month"
    return SCHEDULES[schedule]


def percent(bps: int) -> str:
    """Basis points as people write them: 1250 is 12.5."""
    return f"{Decimal(bps).scaleb(-2).normalize():f}"
