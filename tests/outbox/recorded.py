"""A small world of events for the outbox's tests: one name, one consumer that keeps what it got."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.outbox.recording import Event, record
from marketplace.outbox.routes import Received

NOW = datetime(2024, 6, 3, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang(Event):
    name: ClassVar[str] = "bell.rang"
    tune: str = "ding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fell(Event):
    name: ClassVar[str] = "bell.fell"


async def happened(*events: Event, now: datetime = NOW) -> None:
    async with transaction(SYSTEM):
        await record(events, now=now)


async def deliveries(columns: str = "*") -> list[dict[str, object]]:
    async with transaction(SYSTEM):
        rows = await connection().fetch(
            f"""SELECT {columns} FROM delivery JOIN outbox_event ON outbox_event.id = event_id
            ORDER BY stream_id, seq, consumer"""
        )
        return [dict(row) for row in rows]


def an_order(now: datetime = NOW) -> UUID:
    return new_id(now)


@dataclass
class Listener:
    """Keeps each event it takes in memory and, to see what commits, as a customer's row."""

    refuses: set[str] = field(default_factory=set)
    heard: list[Received] = field(default_factory=list)

    async def __call__(self, event: Received, *, now: datetime) -> None:
        async with transaction(SYSTEM):
            await _write(event)
        if event.payload.get("tune") in self.refuses:
            raise ValueError("out of tune")
        self.heard.append(event)


async def effects() -> int:
    async with transaction(SYSTEM):
        count: int = await connection().fetchval("SELECT count(*) FROM customer")
        return count


async def _write(event: Received) -> None:
    await connection().execute(
        "INSERT INTO customer (id, email, name, created_at) VALUES ($1, 'bell@x.test', 'Bell', $2)",
        new_id(event.happened_at),
        event.happened_at,
    )
