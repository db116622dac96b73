"""Events of the past, told once more: to one consumer, all of an order's or of a span of time.

Consumers take an event as often as it is told and do their part once, so nothing is done twice;
what a consumer could not do, or was not there to do, it does now.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.outbox.routes import Routes

_ORDER = "SELECT id FROM orders WHERE number = $1"
_STREAM = """
    SELECT event.id, event.seq, event.name, event.payload, event.happened_at,
        array(SELECT consumer || CASE WHEN done_at IS NOT NULL THEN '' WHEN dead_at IS NOT NULL
            THEN ' (set aside)' ELSE ' (waiting)' END FROM delivery
            WHERE delivery.event_id = event.id ORDER BY consumer) AS heard_by
    FROM outbox_event event WHERE stream_id = $1 ORDER BY seq
"""
# One not handed out yet is left as it is; one that was never written for this consumer is now.
_AGAIN = """
    INSERT INTO delivery (id, event_id, consumer, attempts, next_at)
    SELECT uuidv7($6 - clock_timestamp()), event.id, $1, 0, $6
    FROM outbox_event event
    WHERE event.name = ANY($2) AND event.routed_at IS NOT NULL
        AND ($3::uuid IS NULL OR event.stream_id = $3)
        AND ($4::timestamptz IS NULL OR event.happened_at >= $4)
        AND ($5::timestamptz IS NULL OR event.happened_at < $5)
        AND ($7::bigint IS NULL OR event.seq = $7)
    ORDER BY event.id
    ON CONFLICT (event_id, consumer) DO UPDATE
        SET done_at = NULL, dead_at = NULL, attempts = 0, next_at = $6, last_error = NULL
        WHERE delivery.done_at IS NOT NULL OR delivery.dead_at IS NOT NULL
    RETURNING 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event of an order, and who heard it, or is still to."""

    id: UUID
    seq: int
    name: str
    payload: str
    happened_at: datetime
    heard_by: Sequence[str]


async def find_order(number: str) -> UUID:
    """Refuses a number that is no order's."""
    async with transaction(SYSTEM, read_only=True):
        order_id: UUID | None = await connection().fetchval(_ORDER, number)
    if order_id is None:
        raise NotFound("order")
    return order_id


async def stream(order_id: UUID) -> list[Told]:
    """All that happened to an order, in the order of its numbers."""
    async with transaction(SYSTEM, read_only=True):
        rows = await connection().fetch(_STREAM, order_id)
    return [Told(**row) for row in rows]


async def tell_again(
    *,
    consumer: str,
    routes: Routes,
    now: datetime,
    order_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    seq: int | None = None,
) -> int:
    """Hand a consumer's events out once more, in their order; how many that is.

    Of an order, of a span (`until` not included), or both; `seq` is one event by its number in
    the order. Refuses a consumer that nothing is routed to, neither an order nor a span, and a
    number without an order.
    """
    names = _names(routes, consumer)
    if order_id is None and since is None:
        raise InvalidInput("since", "it is missing", "an order, or the beginning of a span")
    if seq is not None and order_id is None:
        raise InvalidInput("seq", "events are numbered in their order", "an order beside it")
    async with transaction(SYSTEM):
        rows = await connection().fetch(_AGAIN, consumer, names, order_id, since, until, now, seq)
    return len(rows)


def _names(routes: Routes, consumer: str) -> list[str]:
    names = [name for name, ways in routes.items() if consumer in {way.consumer for way in ways}]
    if not names:
        known: Collection[str] = {way.consumer for ways in routes.values() for way in ways}
        raise InvalidInput("consumer", f"nothing is told to {consumer}", ", ".join(sorted(known)))
    return names
