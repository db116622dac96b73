"""What a table of routes is made of; the table itself belongs to the runtime."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An event as its consumer gets it; `payload` is JSON, ids as text.

    Its stream is an order, in which it has its number; what comes from outside has none.
    """

    event_id: UUID
    name: str
    stream_id: UUID | None
    seq: int | None
    payload: Mapping[str, object]
    happened_at: datetime

    @property
    def order_id(self) -> UUID:
        assert self.stream_id is not None, f"{self.name} tells of no order"
        return self.stream_id

    def id_of(self, field: str) -> UUID:
        return UUID(str(self.payload[field]))


class Handler(Protocol):
    async def __call__(self, event: Received, *, now: datetime) -> None: ...


class Kind(StrEnum):
    """INSIDE runs in the transaction that marks it done: its effects happen exactly once.

    OUTSIDE talks to the network, in no transaction of ours: it happens at least once, so it must
    be safe to repeat, even beside itself.
    """

    INSIDE = "inside"
    OUTSIDE = "outside"


class Queue(StrEnum):
    """Vendors' money waits for a provider that may be slow, and orders must not wait behind it."""

    ORDERS = "orders"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Route:
    """An event's way to one consumer. A consumer hears an order's events in their order.

    All routes to one consumer go through the same queue.
    """

    consumer: str
    handle: Handler
    kind: Kind = Kind.INSIDE
    queue: Queue = Queue.ORDERS


Routes: TypeAlias = Mapping[str, Sequence[Route]]  # by the event's name


def consumers_of(routes: Routes, queue: Queue) -> set[str]:
    """Whose deliveries go through a queue."""
    return {way.consumer for ways in routes.values() for way in ways if way.queue is queue}


def find(routes: Routes, *, event: str, consumer: str) -> Route:
    """LookupError where a delivery was written by a table that knew more than this one."""
    for route in routes.get(event, ()):
        if route.consumer == consumer:
            return route
    raise LookupError(f"no route from {event} to {consumer}")
