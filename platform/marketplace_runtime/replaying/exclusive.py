"""One replay at a time in a database: two would take each other's steps."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from marketplace_runtime.replaying.errors import ReplayRefused

LOCK = 7_305_003  # any number that nothing else locks: migrating has 1, making months 2
# The connection of a replay that was killed lets go of it within a moment.
PATIENCE_MILLISECONDS = 5_000


@asynccontextmanager
async def alone(database_url: str) -> AsyncIterator[None]:
    """Nobody else replays into this database until the end; refuses while somebody does."""
    connection = await asyncpg.connect(
        database_url, server_settings={"lock_timeout": str(PATIENCE_MILLISECONDS)}
    )
    try:
        try:
            await connection.execute(f"SELECT pg_advisory_lock({LOCK})")
        except asyncpg.LockNotAvailableError:
            raise ReplayRefused(
                "another replay works in this database; wait for its end or stop it first."
            ) from None
        yield
    finally:
        await connection.close()
