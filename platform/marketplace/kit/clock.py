"""The marketplace's one clock, held in its database: the system's, or a virtual one for replays.

Only entry points ask it; operations are handed `now`.
"""

from datetime import UTC, datetime
from typing import Any

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, in_transaction, reading_alone, transaction
from marketplace.kit.turns import Shared

_READ = "SELECT mode, virtual_now FROM clock"
_SET = """
    UPDATE clock SET mode = 'virtual', virtual_now = greatest(coalesce(virtual_now, $1), $1)
    RETURNING virtual_now
"""


async def read(by: Any) -> datetime:
    """The time it is, by this asyncpg connection (or pool): aware, in UTC."""
    return await _virtual(by) or _of_the_system()


async def _virtual(by: Any) -> datetime | None:
    row = await by.fetchrow(_READ)
    return row["virtual_now"] if row is not None and row["mode"] == "virtual" else None


def _of_the_system() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - this module is where the clock is read


async def now() -> datetime:
    """One statement, which all who ask at one moment share: every request and every tick asks."""
    if in_transaction():
        return await read(connection())
    return await _shared.answer() or _of_the_system()


async def _virtual_alone() -> datetime | None:
    async with reading_alone() as alone:
        return await _virtual(alone)


_shared = Shared(_virtual_alone)


async def advance(to: datetime) -> datetime:
    """Make the clock virtual and move it forward; it never goes back. Returns the time it is."""
    async with transaction(SYSTEM):
        moved: datetime = await connection().fetchval(_SET, to)
        return moved
