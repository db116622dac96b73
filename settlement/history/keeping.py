"""One change of state, one event, one row of history, all in the caller's transaction."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection
from marketplace.outbox import recording

REASON_KEPT = 200  # characters
_KEEP = """
    INSERT INTO settlement_change (id, event_id, subject, subject_id, vendor_id, from_state,
        to_state, move, actor, reason, at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""


class Subject(StrEnum):
    ACCOUNT = "account"
    BATCH = "batch"
    PAYOUT = "payout"
    HOLD = "hold"
    FREEZE = "freeze"
    DISPUTE = "dispute"
    ADJUSTMENT = "adjustment"
    BREAK = "break"


async def keep(
    *,
    event: str,
    subject: Subject,
    subject_id: UUID,
    vendor_id: UUID | None,
    before: StrEnum | None,
    after: StrEnum,
    move: StrEnum,
    actor: str,
    now: datetime,
    reason: str | None = None,
    also: Mapping[str, str] | None = None,
) -> UUID:
    """Record the event (its payload: `<subject>_id`, vendor_id and `also`) and its history."""
    payload = {f"{subject}_id": str(subject_id), **(also or {})}
    if vendor_id is not None:
        payload["vendor_id"] = str(vendor_id)
    event_id = await recording.record_unstreamed(event, payload, now=now)
    await connection().execute(
        _KEEP,
        new_id(now),
        event_id,
        subject,
        subject_id,
        vendor_id,
        before,
        after,
        move,
        actor,
        None if reason is None else reason[:REASON_KEPT],
        now,
    )
    return event_id
