"""Deadlines: started, paused, met, broken or no longer wanted, always as sets.

A clock moves under its order's lock, like everything else about the order. Every function here
runs in the caller's transaction.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection
from marketplace.sla.models import ClockKind, ClockState
from marketplace.sla.states import OPEN, ClockMove, movable

COLUMNS = (
    "id, kind, subject_id, order_id, sub_order_id, vendor_id, state, started_at, warn_at, due_at,"
    " on_calendar_of, policy_version_id, rule_id, warned_at, paused_at, promised_at"
)


def qualified(table: str) -> str:
    """`COLUMNS` of a table, where a statement has several."""
    return ", ".join(f"{table}.{column}" for column in COLUMNS.split(", "))


_NEW_COLUMNS = qualified("new")
# What the customer is told of: other dates are between the vendor and us.
PROMISED = [ClockKind.SHIP_BY, ClockKind.DELIVER_BY]

# An order that is on hold when a deadline begins has it begin standing still.
_START = """
    INSERT INTO sla_clock
        (id, kind, subject_id, order_id, sub_order_id, vendor_id, started_at, warn_at, due_at,
        on_calendar_of, policy_version_id, rule_id, promised_at, state, paused_at)
    SELECT item.*, CASE WHEN item.kind = ANY($13) THEN item.due_at END,
        CASE WHEN held.is_held THEN 'paused' ELSE 'running' END,
        CASE WHEN held.is_held THEN item.started_at END
    FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[],
        $7::timestamptz[], $8::timestamptz[], $9::timestamptz[], $10::uuid[], $11::uuid[],
        $12::uuid[])
        AS item (id, kind, subject_id, order_id, sub_order_id, vendor_id, started_at, warn_at,
            due_at, on_calendar_of, policy_version_id, rule_id)
    CROSS JOIN LATERAL (SELECT item.kind <> 'pay_by' AND EXISTS (
        SELECT 1 FROM sla_pause WHERE sla_pause.order_id = item.order_id AND resumed_at IS NULL
            AND (sla_pause.subject_id IS NULL OR sla_pause.subject_id = item.subject_id)
    ) AS is_held) held
"""
_SUPERSEDE = """
    UPDATE sla_clock SET superseded_at = item.at
    FROM unnest($1::text[], $2::uuid[], $3::timestamptz[]) AS item (kind, subject_id, at)
    WHERE sla_clock.subject_id = item.subject_id AND sla_clock.kind = item.kind
        AND superseded_at IS NULL AND NOT state = ANY($4)
"""

# What was breached before stays so; how late it was done is worth knowing. What stands still is
# in time, whatever it was due by.
_MEET = f"""
    UPDATE sla_clock SET
        met_at = $3,
        paused_at = NULL,
        next_action_at = NULL,
        state = CASE WHEN state = 'breached' OR state <> 'paused' AND $3 > due_at
            THEN 'breached' ELSE 'met' END,
        breached_at = CASE WHEN state = 'breached' OR state <> 'paused' AND $3 > due_at
            THEN due_at END
    WHERE subject_id = ANY($1) AND kind = $2 AND superseded_at IS NULL
        AND (state = ANY($4) OR state = 'breached' AND met_at IS NULL)
    RETURNING {_NEW_COLUMNS}, old.state <> new.state AND new.state = 'breached' AS is_late
"""

# When the first of the later actions of its policy comes.
_BREACH = f"""
    UPDATE sla_clock SET state = 'breached', breached_at = due_at, next_action_at = due_at + (
        SELECT min(after_hours) FROM sla_action
        WHERE sla_action.policy_version_id = sla_clock.policy_version_id
            AND sla_action.kind = sla_clock.kind AND moment = 'after') * interval '1 hour'
    WHERE id = ANY($1) AND state = ANY($3) AND due_at < $2
    RETURNING {COLUMNS}
"""

_WARN = f"""
    UPDATE sla_clock SET state = 'warned', warned_at = $2
    WHERE id = ANY($1) AND state = ANY($3) AND warn_at <= $2
    RETURNING {COLUMNS}
"""

# A breach stays a breach; nothing more follows from it.
_VOID = """
    UPDATE sla_clock SET void_at = $3, paused_at = NULL, next_action_at = NULL,
        state = CASE WHEN state = 'breached' THEN state ELSE 'void' END
    WHERE subject_id = ANY($1) AND ($2::text[] IS NULL OR kind = ANY($2))
        AND superseded_at IS NULL
        AND (state = ANY($4) OR state = 'breached' AND met_at IS NULL AND void_at IS NULL)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A deadline to be: its subject is the order (pay by), a sub-order or a shipment.

    Without a calendar every hour counts.
    """

    kind: ClockKind
    subject_id: UUID
    order_id: UUID
    sub_order_id: UUID | None = None
    vendor_id: UUID | None = None
    started_at: datetime
    warn_at: datetime | None = None
    due_at: datetime
    on_calendar_of: UUID | None = None
    policy_version_id: UUID | None = None
    rule_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock(Start):
    id: UUID
    state: ClockState
    warned_at: datetime | None
    paused_at: datetime | None
    promised_at: datetime | None


async def start(clocks: Sequence[Start], *, again: bool = False) -> list[UUID]:
    """Start them all in one statement; a second of the same kind for a subject is refused.

    With `again` one that has ended makes way: a replacement has to be shipped as well. What
    starts while its order stands still is paused from the start.
    """
    if not clocks:
        return []
    kinds, subjects = [clock.kind for clock in clocks], [clock.subject_id for clock in clocks]
    if again:
        starts = [clock.started_at for clock in clocks]
        await connection().execute(_SUPERSEDE, kinds, subjects, starts, OPEN)
    ids = [new_id(clock.started_at) for clock in clocks]
    await connection().execute(
        _START,
        ids,
        kinds,
        subjects,
        [clock.order_id for clock in clocks],
        [clock.sub_order_id for clock in clocks],
        [clock.vendor_id for clock in clocks],
        [clock.started_at for clock in clocks],
        [clock.warn_at for clock in clocks],
        [clock.due_at for clock in clocks],
        [clock.on_calendar_of for clock in clocks],
        [clock.policy_version_id for clock in clocks],
        [clock.rule_id for clock in clocks],
        PROMISED,
    )
    return ids


async def meet(*, subject_ids: Collection[UUID], kind: ClockKind, now: datetime) -> list[Clock]:
    """What was promised is done: met in time, or breached when `now` is strictly after due.

    A breach is dated by the deadline itself, whenever it is noticed; `met_at` says when it was
    done. Answers with the clocks that this call found breached, so that the caller can tell.
    """
    rows = await connection().fetch(_MEET, list(subject_ids), kind, now, movable(ClockMove.MEET))
    return [read(row) for row in rows if row["is_late"]]


async def breach(*, clock_ids: Collection[UUID], now: datetime) -> list[Clock]:
    """Move those that are past due and still run; answers with the moved ones."""
    states = movable(ClockMove.BREACH)
    rows = await connection().fetch(_BREACH, list(clock_ids), now, states)
    return [read(row) for row in rows]


async def warn(*, clock_ids: Collection[UUID], now: datetime) -> list[Clock]:
    """Move those whose warning is due and that have not warned yet; answers with the moved."""
    rows = await connection().fetch(_WARN, list(clock_ids), now, movable(ClockMove.WARN))
    return [read(row) for row in rows]


async def void(
    *, subject_ids: Collection[UUID], now: datetime, kinds: Collection[ClockKind] | None = None
) -> None:
    """What was promised is no longer wanted: nothing follows any more, and nobody is late.

    What was missed before stays missed.
    """
    wanted = None if kinds is None else list(kinds)
    await connection().execute(_VOID, list(subject_ids), wanted, now, movable(ClockMove.VOID))


def read(row: Any) -> Clock:
    """A row that was asked for by `COLUMNS`."""
    return Clock(
        id=row["id"],
        kind=ClockKind(row["kind"]),
        subject_id=row["subject_id"],
        order_id=row["order_id"],
        sub_order_id=row["sub_order_id"],
        vendor_id=row["vendor_id"],
        state=ClockState(row["state"]),
        started_at=row["started_at"],
        warn_at=row["warn_at"],
        due_at=row["due_at"],
        on_calendar_of=row["on_calendar_of"],
        policy_version_id=row["policy_version_id"],
        rule_id=row["rule_id"],
        warned_at=row["warned_at"],
        paused_at=row["paused_at"],
        promised_at=row["promised_at"],
    )
