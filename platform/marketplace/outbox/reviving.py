"""Deliveries that were set aside: seen, and sent on their way again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction

_DEAD = """
    SELECT delivery.id, delivery.consumer, event.name, event.stream_id, delivery.dead_at,
        coalesce(delivery.last_error, '') AS last_error
    FROM delivery JOIN outbox_event AS event ON event.id = delivery.event_id
    WHERE delivery.dead_at IS NOT NULL AND delivery.done_at IS NULL
    ORDER BY delivery.id DESC LIMIT $1
"""

_REVIVE = """
    UPDATE delivery SET dead_at = NULL, attempts = 0, next_at = $2
    WHERE id = $1 AND dead_at IS NOT NULL AND done_at IS NULL
    RETURNING id
"""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    delivery_id: UUID
    consumer: str
    event: str
    order_id: UUID | None
    dead_at: datetime
    last_error: str


async def dead_letters(*, principal: Principal, limit: int = 100) -> list[DeadLetter]:
    """The newest deliveries that were given up; nothing of them is lost."""
    async with transaction(principal, read_only=True) as connected:
        rows = await connected.fetch(_DEAD, limit)
    return [
        DeadLetter(
            delivery_id=row["id"],
            consumer=row["consumer"],
            event=row["name"],
            order_id=row["stream_id"],
            dead_at=row["dead_at"],
            last_error=row["last_error"],
        )
        for row in rows
    ]


async def revive(*, principal: Principal, delivery_id: UUID, now: datetime) -> None:
    """Try a dead delivery from the first attempt again; refuses one that is not dead."""
    async with transaction(principal):
        if await connection().fetchval(_REVIVE, delivery_id, now) is None:
            raise NotFound(thing="dead delivery")
