"""One change of state, one event, one row of history, all in the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    SELECT item.id, item.event_id, $1, item.subject_id, item.vendor_id, $2, $3, $4, $5, $6, $7
    FROM unnest($8::uuid[], $9::uuid[], $10::uuid[], $11::uuid[])
        AS item (id, event_id, subject_id, vendor_id)
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


@dataclass(frozen=True, slots=True)
class Kept:
    """One of many things that moved the same way; `also` joins its event's payload."""

    subject_id: UUID
    vendor_id: UUID | None = None
    also: Mapping[str, str] = field(default_factory=dict)


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
    [event_id] = await keep_all(
        event=event,
        subject=subject,
        things=[Kept(subject_id, vendor_id, also or {})],
        before=before,
        after=after,
        move=move,
        actor=actor,
        now=now,
        reason=reason,
    )
    return event_id


async def keep_all(
    *,
    event: str,
    subject: Subject,
    things: Sequence[Kept],
    before: StrEnum | None,
    after: StrEnum,
    move: StrEnum,
    actor: str,
    now: datetime,
    reason: str | None = None,
) -> list[UUID]:
    """The same for many things at once: an event and a row of history for each."""
    payloads = [_payload(subject, thing) for thing in things]
    event_ids = await recording.record_all_unstreamed(event, payloads, now=now)
    await connection().execute(
        _KEEP,
        subject,
        before,
        after,
        move,
        actor,
        None if reason is None else reason[:REASON_KEPT],
        now,
        [new_id(now) for _ in things],
        event_ids,
        [thing.subject_id for thing in things],
        [thing.vendor_id for thing in things],
    )
    return event_ids


def _payload(subject: Subject, thing: Kept) -> dict[str, str]:
    payload = {f"{subject}_id": str(thing.subject_id), **thing.also}
    if thing.vendor_id is not None:
        payload["vendor_id"] = str(thing.vendor_id)
    return payload
