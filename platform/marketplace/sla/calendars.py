"""Business time: hours that pass only while somebody is there to work."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from marketplace.kit.errors import InvalidInput
from marketplace.sla.models import SlaPolicy

_DAY = timedelta(days=1)
_FRIDAY = 5
_LATEST = time.max  # how "24:00" is kept: the end of the day


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Opening hours on working weekdays that are no public holidays, in one time zone.

    Hours are elapsed hours: the day the clocks go forward is an hour shorter when the missing
    hour lies in opening time. A local time that happens twice is the first of the two.
    """

    time_zone: str
    working_days: frozenset[int]  # ISO weekdays: Monday is 1
    opens: time
    closes: time  # time.max is midnight at the day's end
    country: str
    region: str | None = None
    closed: tuple[tuple[date, date], ...] = ()  # first and last days off, both included

    @classmethod
    def of(cls, policy: SlaPolicy, closed: Sequence[tuple[date, date]] = ()) -> "BusinessCalendar":
        """The calendar a policy describes, less the days its vendor is away.

        Refuses a zone, day, time or region nobody knows.
        """
        read = _read(
            policy.time_zone,
            policy.working_days,
            policy.opens,
            policy.closes,
            policy.holiday_country,
            policy.holiday_region,
        )
        return replace(read, closed=tuple(sorted(closed))) if closed else read

    def add_hours(self, start: datetime, hours: int) -> datetime:
        """The moment in UTC when `hours` business hours have passed since `start`."""
        return self.add(start, timedelta(hours=hours))

    def add(self, start: datetime, worked: timedelta) -> datetime:
        """The moment in UTC when so much business time has passed since `start`.

        The answer lies in opening hours, both ends included: eight hours from nine on a day
        from nine to five end at five, and what starts while closed starts with the next opening.
        """
        assert start.tzinfo is not None, "a time without a zone"
        assert worked >= timedelta(), worked
        left = worked
        moment = start.astimezone(UTC)
        for opening, closing in self._open_from(moment):
            moment = max(moment, opening)
            if moment + left <= closing:
                return moment + left
            left -= max(closing - moment, timedelta())
        raise AssertionError("a calendar ended")

    def add_days(self, start: datetime, days: int) -> datetime:
        """Closing time, in UTC, of the working day `days` after the one that `start` falls on.

        What starts while closed starts with the next opening.
        """
        assert days >= 0, days
        begins = self.add(start, timedelta())
        openings = (span for span in self._open_from(begins) if span[1] > begins)
        return next(islice(openings, days, None))[1]

    def begins(self, start: datetime, cut_off: time) -> datetime:
        """`start`, or the next working day's opening if it comes after that day's cut-off."""
        local = start.astimezone(ZoneInfo(self.time_zone))
        hours = _open_between(self, local.date())
        if hours is None or local.time() <= cut_off:
            return start
        return self.add(max(hours[1] + timedelta(microseconds=1), start), timedelta())

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much business time lies between two moments; none when `end` is first."""
        worked = timedelta()
        for opening, closing in self._open_from(start.astimezone(UTC)):
            if opening >= end:
                return worked
            worked += max(min(closing, end) - max(opening, start), timedelta())
        raise AssertionError("a calendar ended")

    def before(self, end: datetime, worked: timedelta) -> datetime:
        """The latest moment from which so much business time is left until `end`, in UTC."""
        assert worked >= timedelta(), worked
        left, moment = worked, end.astimezone(UTC)
        day = moment.astimezone(ZoneInfo(self.time_zone)).date() + _DAY
        while left:
            if hours_of_day := _open_between(self, day):
                opening, closing = hours_of_day
                moment = min(moment, closing)
                if moment - left >= opening:
                    return moment - left
                left -= max(moment - opening, timedelta())
            day -= _DAY
        return moment

    def is_away(self, day: date) -> bool:
        """Whether the vendor itself said that it is closed then."""
        return any(first <= day <= last for first, last in self.closed)

    def _open_from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        # The local day before may still be open: a zone's midnight can move.
        day = moment.astimezone(ZoneInfo(self.time_zone)).date() - _DAY
        while True:
            if hours_of_day := _open_between(self, day):
                yield hours_of_day
            day += _DAY


def add_business_days(start: datetime, days: int, *, country: str, time_zone: str) -> datetime:
    """When `days` working days have passed after the local day of `start`: their end, in UTC.

    Working days are Mondays to Fridays that are no public holidays of the country; where a
    country's holidays are not known, there are none. No days at all are `start` itself.
    """
    assert start.tzinfo is not None, "a time without a zone"
    assert days >= 0, days
    if days == 0:
        return start.astimezone(UTC)
    zone = ZoneInfo(time_zone)
    day = start.astimezone(zone).date()
    while days:
        day += _DAY
        days -= _is_business_day(country, day)
    return datetime.combine(day + _DAY, time.min, zone).astimezone(UTC)


@lru_cache(maxsize=100_000)
def _is_business_day(country: str, day: date) -> bool:
    if day.isoweekday() > _FRIDAY:
        return False
    try:
        return day not in _public_holidays(country, None)
    except NotImplementedError:
        return True


@lru_cache(maxsize=100_000)
def _open_between(calendar: BusinessCalendar, day: date) -> tuple[datetime, datetime] | None:
    """Opening and closing in UTC, or None on a day that stays closed."""
    is_working_day = day.isoweekday() in calendar.working_days
    if not is_working_day or day in _public_holidays(calendar.country, calendar.region):
        return None
    if calendar.is_away(day):
        return None
    zone = ZoneInfo(calendar.time_zone)
    opening = datetime.combine(day, calendar.opens, zone)
    if calendar.closes == _LATEST:
        closing = datetime.combine(day + _DAY, time.min, zone)
    else:
        closing = datetime.combine(day, calendar.closes, zone)
    return opening.astimezone(UTC), closing.astimezone(UTC)


@cache
def _public_holidays(country: str, region: str | None) -> holidays.HolidayBase:
    """A growing set of dates: asking for a day works out its year."""
    return holidays.country_holidays(country, subdiv=region)


@cache
def _read(
    zone: str, days: str, opens: str, closes: str, country: str, region: str | None
) -> BusinessCalendar:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise _wrong("time zone", zone, "a name such as Europe/Berlin") from None
    if not days or not set(days) <= set("1234567"):
        raise _wrong("working days", days, "weekdays from 1, Monday, to 7, Sunday, such as 12345")
    try:
        _public_holidays(country, region)
    except NotImplementedError:
        place = f"{country} {region}" if region else country
        raise _wrong("holidays", place, "a country and region with known holidays") from None
    opening, closing = _time("opens", opens), _time("closes", closes)
    if opening >= closing:
        raise _wrong("closes", closes, f"a time after opening at {opens}")
    return BusinessCalendar(
        time_zone=zone,
        working_days=frozenset(map(int, days)),
        opens=opening,
        closes=closing,
        country=country,
        region=region,
    )


def _time(name: str, text: str) -> time:
    if name == "closes" and text == "24:00":
        return _LATEST
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
    except ValueError:
        raise _wrong(name, text, "a time such as 09:00") from None


def _wrong(name: str, value: str, accepts: str) -> InvalidInput:
    return InvalidInput(name=name, problem=f"{value!r} will not do", accepts=accepts)
