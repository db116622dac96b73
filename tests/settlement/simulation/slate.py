"""A database that is wiped back, between stories, to how it was when they began.

Far quicker than a database for each story: connections stay open, and their statements prepared.
Sequences go on, since an open connection keeps numbers of its own in store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

_TABLES = """
    SELECT relname AS name, string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS columns
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relkind IN ('r', 'p') AND NOT relispartition
        AND relnamespace = 'public'::regnamespace
        AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    GROUP BY relname ORDER BY relname
"""
_KEEP = "CREATE TABLE kept.{name} AS SELECT {columns} FROM public.{name}"
_WIPE = """
    DELETE FROM public.{name};
    INSERT INTO public.{name} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM kept.{name}
"""


@dataclass(frozen=True, slots=True)
class Slate:
    """Held by a connection of the superuser, whom neither triggers nor row-level security stop."""

    connection: Any
    tables: Sequence[Any]

    @staticmethod
    async def of(superuser_url: str) -> "Slate":
        """Every row that is there now is kept, in a schema that the application cannot see."""
        connection = await asyncpg.connect(superuser_url)
        tables = await connection.fetch(_TABLES)
        await connection.execute("CREATE SCHEMA kept")
        for table in tables:
            await connection.execute(_KEEP.format(**table))
        return Slate(connection, tables)

    async def wipe(self) -> None:
        """Nobody else may be in a transaction."""
        wiping = ";".join(_WIPE.format(**table) for table in self.tables)
        async with self.connection.transaction():
            # Rules, foreign keys and what may never be deleted are for those who write history.
            await self.connection.execute("SET LOCAL session_replication_role = replica")
            await self.connection.execute(wiping)

    async def close(self) -> None:
        await self.connection.close()
