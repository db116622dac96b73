"""The marketplace's one clock, held in its database: the system's, or a virtual one for replays.

Only entry points ask it; operations are handed `now`.
"""

import time
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from tortoise.connection import get_connections

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, in_transaction, reading_alone, transaction
from marketplace.kit.turns import Shared

_BELIEVED_SECONDS = 5.0
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
    """Every request and every tick asks; outside a transaction few of them cost a statement.

    A clock that is the system's is asked for its mode again after five seconds: that much later a
    process learns that another one made it virtual. All who ask at one moment share the answer.
    """
    if in_transaction():
        return await read(connection())
    database: Any = get_connections().get("default")
    asked = time.monotonic()
    if asked - _of_the_system_at.get(database, -_BELIEVED_SECONDS) < _BELIEVED_SECONDS:
        return _of_the_system()
    virtual = await _shared.answer()
    if virtual is None:
        _of_the_system_at[database] = asked
    return virtual or _of_the_system()


async def _virtual_alone() -> datetime | None:
    async with reading_alone() as alone:
        return await _virtual(alone)


_shared = Shared(_virtual_alone)
_of_the_system_at: WeakKeyDictionary[Any, float] = WeakKeyDictionary()


async def advance(to: datetime) -> datetime:
    """Make the clock virtual and move it forward; it never goes back. Returns the time it is."""
    async with transaction(SYSTEM):
        moved: datetime = await connection().fetchval(_SET, to)
    _of_the_system_at.clear()
    return moved
