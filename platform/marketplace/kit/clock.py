"""The marketplace's one clock, held in its database: the system's, or a virtual one for replays.

Only entry points ask it; operations are handed `now`.
"""

from datetime import UTC, datetime
from typing import Any

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import reading_alone, transaction

_READ = "SELECT mode, virtual_now FROM clock"
_SET = """
    UPDATE clock SET mode = 'virtual', virtual_now = greatest(coalesce(virtual_now, $1), $1)
    RETURNING virtual_now
"""


async def read(connection: Any) -> datetime:
    """The time it is, by this asyncpg connection (or pool): aware, in UTC."""
    row = await connection.fetchrow(_READ)
    if row is not None and row["mode"] == "virtual":
        virtual: datetime = row["virtual_now"]
        return virtual
    return datetime.now(UTC)  # noqa: TID251 - this module is where the clock is read


async def now() -> datetime:
    """One statement and one round trip: every request and every tick asks."""
    async with reading_alone() as connection:
        return await read(connection)


async def advance(to: datetime) -> datetime:
    """Make the clock virtual and move it forward; it never goes back. Returns the time it is."""
    async with transaction(SYSTEM) as connection:
        moved: datetime = await connection.fetchval(_SET, to)
        return moved
