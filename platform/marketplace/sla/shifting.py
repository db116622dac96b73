"""Where a deadline lies after time that does not count: what was left of it is left after."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from marketplace.sla.calendars import BusinessCalendar
from marketplace.sla.clocks import Clock


@dataclass(frozen=True, slots=True)
class Moved:
    due_at: datetime
    warn_at: datetime | None


def carried_on(
    clock: Clock, *, since: datetime, until: datetime, on: BusinessCalendar | None
) -> Moved:
    """After standing still since one moment until another. Without a calendar every hour counts."""
    if on is None:
        return _each(clock, since, lambda moment: until + (moment - since))
    return _each(clock, since, lambda moment: on.add(until, on.between(since, moment)))


def laid_on(
    clock: Clock, *, at: datetime, before: BusinessCalendar, after: BusinessCalendar
) -> Moved:
    """On another calendar than before, with as much business time left as it had."""
    return _each(clock, at, lambda moment: after.add(at, before.between(at, moment)))


def _each(clock: Clock, at: datetime, move: Callable[[datetime], datetime]) -> Moved:
    """What lay behind us stays where it was."""
    warn_at = clock.warn_at
    if warn_at is not None and warn_at > at:
        warn_at = move(warn_at)
    return Moved(move(clock.due_at) if clock.due_at > at else clock.due_at, warn_at)
