"""Which deliveries are due, each handed to one claimer at a time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction

# How long a claimed delivery may be on its way before it counts as lost and is claimed again.
IN_FLIGHT = timedelta(seconds=20)

# A consumer hears an order's events in their order: one that waits for its next attempt holds
# back the later ones, one that was set aside as dead does not. Its months begin with the order.
_DUE = """
    SELECT delivery.id
    FROM delivery JOIN outbox_event AS event ON event.id = delivery.event_id
    WHERE delivery.done_at IS NULL AND delivery.dead_at IS NULL AND delivery.next_at <= $1
        AND ($3::text[] IS NULL OR delivery.consumer {chosen} ($3))
        AND NOT EXISTS (
            SELECT 1 FROM outbox_event AS earlier
            LEFT JOIN delivery AS waiting
                ON waiting.event_id = earlier.id AND waiting.consumer = delivery.consumer
            WHERE earlier.stream_id = event.stream_id AND earlier.seq < event.seq
                AND earlier.id >= day_before(event.stream_id)
                AND (earlier.routed_at IS NULL
                    OR waiting.id IS NOT NULL
                        AND waiting.done_at IS NULL AND waiting.dead_at IS NULL))
    ORDER BY delivery.next_at LIMIT $2
    FOR UPDATE OF delivery SKIP LOCKED
"""
DUE = _DUE.format(chosen="= ANY")
_DUE_TO_OTHERS = _DUE.format(chosen="<> ALL")

_CLAIM = """
    WITH due AS ({due})
    UPDATE delivery SET next_at = $4 FROM due WHERE delivery.id = due.id
    RETURNING delivery.id, delivery.attempts
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    delivery_id: UUID
    attempts: int


async def claim(
    *,
    now: datetime,
    limit: int,
    consumers: Collection[str] | None = None,
    others: bool = False,
    in_flight: timedelta = IN_FLIGHT,
) -> list[Claimed]:
    """Deliveries to hand out now; each comes back after `in_flight` unless it was consumed.

    Of these consumers only, or with `others` of all but these.
    """
    names = None if consumers is None else list(consumers)
    claim = _CLAIM.format(due=_DUE_TO_OTHERS if others else DUE)
    async with transaction(SYSTEM) as connection:
        rows = await connection.fetch(claim, now, limit, names, now + in_flight)
    return [Claimed(row["id"], row["attempts"]) for row in rows]
