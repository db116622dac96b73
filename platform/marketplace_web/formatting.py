"""Money, moments and deadlines in words for one reader: their locale, their zone, their now."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency

from marketplace.kit.money import Money

LETTERS_MEET_DIGITS = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
SOON = timedelta(hours=8)  # a working day's length: what must happen in this shift


@dataclass(frozen=True, slots=True)
class DeadlineState:
    words: str
    tone: str


def amount_of(money: Money | int, currency: str | None = None) -> Money:
    """Takes Money, or minor units beside a currency."""
    if isinstance(money, int):
        assert currency is not None, "minor units say nothing without their currency"
        return Money(money, currency)
    return money


def money_in_words(money: Money, *, locale: str) -> str:
    """As the locale writes it; a currency's letters are kept off the digits, as CLDR asks."""
    words = format_currency(money.amount, money.currency, locale=locale)
    return LETTERS_MEET_DIGITS.sub("\N{NO-BREAK SPACE}", words)


def moment_in_words(moment: datetime, *, locale: str, zone: ZoneInfo) -> str:
    """A short date and time in the reader's zone."""
    assert moment.tzinfo is not None, "a moment without a zone is not a moment"
    return format_datetime(moment, "d MMM y, HH:mm", tzinfo=zone, locale=locale)


def day_in_words(day: date, *, locale: str) -> str:
    return format_date(day, "d MMM y", locale=locale)


def country_in_words(code: str, *, locale: str) -> str:
    """The country behind an ISO code; one that nobody knows stays as it is."""
    name: str = Locale.parse(locale).territories.get(code, code)
    return name


def iso(moment: datetime) -> str:
    """UTC with seconds, for machines: the datetime attribute of <time>."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def utc_in_words(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def deadline_state(
    due_at: datetime, met_at: datetime | None = None, *, paused: bool = False, now: datetime
) -> DeadlineState:
    """How a deadline stands: good, warn within a shift, bad once it has passed."""
    if met_at is not None:
        late = met_at - due_at
        if late > timedelta(0):
            return DeadlineState(f"met {span_in_words(late)} late", "bad")
        return DeadlineState("met in time", "good")
    if paused:
        return DeadlineState("paused", "")
    left = due_at - now
    if left < timedelta(0):
        return DeadlineState(f"{span_in_words(-left)} late", "bad")
    return DeadlineState(f"{span_in_words(left)} left", "warn" if left <= SOON else "good")


def span_in_words(span: timedelta) -> str:
    """The two largest units: "2 d 4 h", "3 h 20 min", "5 min"."""
    minutes = int(span.total_seconds() // 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    if days:
        return f"{days} d {hours} h" if hours and days < 7 else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else "under 1 min"
