"""Give each new event one delivery row for each of its consumers."""

from datetime import datetime
from typing import Any

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.outbox.routes import Routes

# One statement: an event is marked routed together with its deliveries or not at all.
_ROUTE = """
    WITH new AS (
        SELECT id FROM outbox_event WHERE routed_at IS NULL
        ORDER BY id LIMIT $4 FOR UPDATE SKIP LOCKED
    ), routed AS (
        UPDATE outbox_event AS event SET routed_at = $3
        FROM new WHERE event.id = new.id
        RETURNING event.id, event.name
    ), written AS (
        INSERT INTO delivery (id, event_id, consumer, attempts, next_at)
        SELECT uuidv7($3 - clock_timestamp()), routed.id, route.consumer, 0, $3
        FROM routed
        JOIN unnest($1::text[], $2::text[]) AS route (event, consumer) ON route.event = routed.name
        ON CONFLICT (event_id, consumer) DO NOTHING
    )
    SELECT count(*) FROM routed
"""


async def route(*, routes: Routes, now: datetime, limit: int = 500) -> int:
    """Route up to `limit` events, oldest first; how many there were. Safe beside itself."""
    pairs = [(event, way.consumer) for event, ways in routes.items() for way in ways]
    events, consumers = [event for event, _ in pairs], [consumer for _, consumer in pairs]
    async with transaction(SYSTEM) as connection:
        return int(await _count(connection, events, consumers, now, limit))


async def _count(connection: Any, *arguments: object) -> int:
    count: int = await connection.fetchval(_ROUTE, *arguments)
    return count
