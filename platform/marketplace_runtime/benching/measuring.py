"""How long a piece of work took, how many statements it sent, and how large the process became."""

import resource
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from math import inf
from typing import Any

from tortoise.connection import get_connections

# What the driver asks for itself: a connection's reset, a look at a type it has not met before.
HOUSEKEEPING = ("pg_advisory_unlock_all", "'jit'", "typeinfo_tree")


@dataclass(slots=True)
class Measured:
    """One phase. `peak_mb` is the process's largest size from its start to the phase's end."""

    phase: str
    items: int
    of: str
    seconds: float = 0.0
    statements: int = 0
    peak_mb: float = 0.0

    @property
    def per_second(self) -> float:
        return self.items / self.seconds if self.seconds else 0.0


@asynccontextmanager
async def measured(phase: str, items: int, of: str) -> AsyncIterator[Measured]:
    """Measure what happens inside the block, on every connection of the pool."""
    found = Measured(phase, items, of)

    def note(record: Any) -> None:
        if not any(word in record.query for word in HOUSEKEEPING):
            found.statements += 1

    with _listening(note, await _connections()):
        begun = time.perf_counter()
        yield found
        found.seconds = time.perf_counter() - begun
    found.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def _connections() -> list[Any]:
    """All of the pool, opened now, so that opening them is not part of the first phase.

    They stay: one that the pool replaces after its 50,000 statements would be counted no more.
    """
    client: Any = get_connections().get("default")
    if client._pool is None:
        await client.create_connection(with_db=True)
    holders = list(client._pool._holders)
    for holder in holders:
        holder._max_queries = inf
        if holder._con is None or holder._con.is_closed():
            await holder.connect()
    return [holder._con for holder in holders]


@contextmanager
def _listening(note: Any, connections: list[Any]) -> Iterator[None]:
    for connection in connections:
        connection.add_query_logger(note)
    try:
        yield
    finally:
        for connection in connections:
            connection.remove_query_logger(note)
