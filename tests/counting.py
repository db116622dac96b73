"""Count the statements that reach PostgreSQL, transactions' own BEGIN and COMMIT included.

What the driver asks for itself is left out: a connection's reset when it goes back to the pool,
and its look at a type it has not met before. So is the clock, which a process asks for its mode
once in five seconds, whoever needs it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tortoise.connection import get_connections

HOUSEKEEPING = ("pg_advisory_unlock_all", "'jit'", "typeinfo_tree", "SELECT mode, virtual_now")


@asynccontextmanager
async def counted_statements() -> AsyncIterator[list[str]]:
    """The text of every statement run inside the block, by whichever connection of the pool."""
    statements: list[str] = []

    def note(record: Any) -> None:
        statement = record.query.strip()
        if not any(word in statement for word in HOUSEKEEPING):
            statements.append(statement)

    client: Any = get_connections().get("default")
    if client._pool is None:
        await client.create_connection(with_db=True)
    connections = list(client._pool._holders)
    for holder in connections:
        if holder._con is None or holder._con.is_closed():
            await holder.connect()
        holder._con.add_query_logger(note)
    try:
        yield statements
    finally:
        for holder in connections:
            if holder._con is not None:
                holder._con.remove_query_logger(note)
