"""A refund's moves, each with its event, in the order's history."""

from datetime import datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection
from marketplace.outbox import recording
from marketplace.payments.events import RefundEvent
from marketplace.payments.models import RefundState
from marketplace.payments.states import RefundMove

REASON_KEPT = 200  # characters
# The table belongs to the orders above us; one row for one event is all we know of it.
_KEEP = """
    INSERT INTO state_change (id, event_id, order_id, subject, subject_id, from_state, to_state,
        move, actor, reason, at)
    VALUES ($1, $2, $3, 'refund', $4, $5, $6, $7, $8, $9, $10)
"""


async def keep(
    event: RefundEvent,
    *,
    before: RefundState | None,
    after: RefundState,
    move: RefundMove,
    actor: str,
    reason: str | None,
    now: datetime,
) -> None:
    """Record the event and who moved the refund, when and why."""
    event_ids: list[UUID] = await recording.record([event], now=now)
    await connection().execute(
        _KEEP,
        new_id(now),
        event_ids[0],
        event.order_id,
        event.refund_id,
        before,
        after,
        move,
        actor,
        None if reason is None else reason[:REASON_KEPT],
        now,
    )
