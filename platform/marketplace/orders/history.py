"""Who moved what, when and why: one StateChange and one event for every move."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection
from marketplace.outbox import recording
from marketplace.outbox.recording import Event

_INSERT = """
    INSERT INTO state_change (id, event_id, order_id, vendor_id, subject, subject_id, from_state,
        to_state, move, actor, reason, at)
    SELECT item.*, $11, $12
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::text[],
        $8::text[], $9::text[], $10::text[]) AS item
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One move of one thing, and the event that tells of it."""

    subject: str
    subject_id: UUID
    vendor_id: UUID | None
    from_state: str | None
    to_state: str
    move: str
    event: Event


async def record_changes(
    changes: Sequence[Change], *, by: Principal, now: datetime, reason: str | None = None
) -> None:
    """Write the changes of one order and their events. Call it under the order's lock."""
    if not changes:
        return
    event_ids = await recording.record([change.event for change in changes], now=now)
    await connection().execute(
        _INSERT,
        [new_id(now) for _ in changes],
        event_ids,
        [change.event.order_id for change in changes],
        [change.vendor_id for change in changes],
        [change.subject for change in changes],
        [change.subject_id for change in changes],
        [change.from_state for change in changes],
        [change.to_state for change in changes],
        [change.move for change in changes],
        [by.key for _ in changes],
        reason,
        now,
    )
