"""The months' tables that events and history lie in: made ahead, listed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import asyncpg

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction

AHEAD = timedelta(days=92)  # three months, whatever their lengths

_MAKE = "SELECT make_months($1, $2)"
_KEPT = "SELECT * FROM months_kept()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One month's table of events and one of history; `undone` events are still to be heard."""

    begins: date
    events: int
    undone: int
    changes: int
    bytes: int


async def make(*, since: datetime, until: datetime) -> int:
    """Make the months of a span that are not there yet; how many. Safe twice and beside itself.

    What lies outside of all months moves into its own. Refuses more than twenty years.
    """
    async with transaction(SYSTEM) as connected:
        made: int = await connected.fetchval(_MAKE, since, until)
    return made


async def make_ahead(*, now: datetime) -> int:
    """This month and the three to come; none while others hold the tables, for the next time."""
    try:
        return await make(since=now, until=now + AHEAD)
    except asyncpg.LockNotAvailableError:
        return 0


async def kept() -> list[Month]:
    """All months there are, the oldest first. Counts rows, which takes its time."""
    async with transaction(SYSTEM, read_only=True):
        rows = await connection().fetch(_KEPT)
    return [Month(**row) for row in rows]
