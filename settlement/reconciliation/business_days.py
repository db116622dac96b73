"""Days that banks work: Monday to Friday. Public holidays only make an answer a day milder."""

from datetime import date, timedelta

_DAY = timedelta(days=1)
_FRIDAY = 5  # ISO weekday
# Ages in business days, both ends included.
BUCKETS = ((0, 1), (2, 5), (6, 10), (11, 30), (31, 60))
OPEN_BUCKETS = (*BUCKETS, (BUCKETS[-1][1] + 1, None))


def between(start: date, end: date) -> int:
    """Business days after `start`, up to and including `end`; none if the end is not later."""
    if end <= start:
        return 0
    weeks, rest = divmod((end - start).days, 7)
    days = [start + n * _DAY for n in range(1, rest + 1)]
    return weeks * 5 + sum(day.isoweekday() <= _FRIDAY for day in days)


def after(start: date, days: int) -> date:
    """The business day `days` business days after `start`."""
    day = start
    while days > 0:
        day += _DAY
        days -= day.isoweekday() <= _FRIDAY
    return day


def bucket(days: int) -> str:
    """The ageing bucket that reports show: 0-1, 2-5 … >60."""
    for first, last in BUCKETS:
        if days <= last:
            return f"{first}-{last}"
    return f">{BUCKETS[-1][1]}"


def seen_in(label: str, today: date) -> tuple[date | None, date]:
    """The first and last day on which something came that is now in this bucket; the oldest
    bucket has no first day. Refuses (KeyError) what is no bucket."""
    first, last = {bucket(first): (first, last) for first, last in OPEN_BUCKETS}[label]
    until = today
    while between(until, today) < first:
        until -= _DAY
    if last is None:
        return None, until
    since = until
    while between(since - _DAY, today) <= last:
        since -= _DAY
    return since, until
