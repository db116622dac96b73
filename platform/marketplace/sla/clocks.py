"""Deadlines: started, warned of, met or broken, always as sets.

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
from marketplace.sla.states import ClockMove, movable

_COLUMNS = "id, kind, subject_id, order_id, vendor_id, state, started_at, warn_at, due_at"
_NEW_COLUMNS = ", ".join(f"new.{column}" for column in _COLUMNS.split(", "))

_START = """
    INSERT INTO sla_clock
        (id, kind, subject_id, order_id, vendor_id, state, started_at, warn_at, due_at)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[],
        $7::timestamptz[], $8::timestamptz[], $9::timestamptz[])
"""

# What was breached before stays so; how late it was done is worth knowing.
_MEET = f"""
    UPDATE sla_clock SET
        met_at = $3,
        state = CASE WHEN state = 'breached' OR $3 > due_at THEN 'breached' ELSE 'met' END,
        breached_at = CASE WHEN state = 'breached' OR $3 > due_at THEN due_at END
    WHERE subject_id = ANY($1) AND kind = $2
        AND (state = ANY($4) OR state = 'breached' AND met_at IS NULL)
    RETURNING {_NEW_COLUMNS}, old.state <> new.state AND new.state = 'breached' AS is_late
"""

_BREACH = f"""
    UPDATE sla_clock SET state = 'breached', breached_at = due_at
    WHERE id = ANY($1) AND state = ANY($3) AND due_at < $2
    RETURNING {_COLUMNS}
"""

_WARN = f"""
    UPDATE sla_clock SET state = 'warned'
    WHERE id = ANY($1) AND state = ANY($3) AND warn_at <= $2
    RETURNING {_COLUMNS}
"""

_VOID = """
    UPDATE sla_clock SET state = 'void'
    WHERE subject_id = ANY($1) AND ($2::text[] IS NULL OR kind = ANY($2)) AND state = ANY($3)
"""

# The order is locked, not the clock: whoever moves a clock holds its order already, so taking
# the clock first and the order second would wait in a circle with an operation under way.
_CLAIM = """
    SELECT {columns} FROM sla_clock AS clock JOIN orders ON orders.id = clock.order_id
    WHERE clock.state = ANY($3) AND clock.id <> ALL($4) AND {condition}
    ORDER BY {order} LIMIT $2
    FOR NO KEY UPDATE OF orders SKIP LOCKED
"""
_QUALIFIED = ", ".join(f"clock.{column}" for column in _COLUMNS.split(", "))
_CLAIM_DUE = _CLAIM.format(columns=_QUALIFIED, condition="clock.due_at < $1", order="clock.due_at")
_CLAIM_WARNINGS = _CLAIM.format(
    columns=_QUALIFIED,
    condition="clock.warn_at <= $1 AND clock.due_at >= $1",
    order="clock.warn_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A deadline to be: its subject is the order (pay by) or a sub-order (accept, ship by)."""

    kind: ClockKind
    subject_id: UUID
    order_id: UUID
    vendor_id: UUID | None = None
    started_at: datetime
    warn_at: datetime | None = None
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock(Start):
    id: UUID
    state: ClockState


async def start(clocks: Sequence[Start]) -> list[UUID]:
    """Start them all in one statement; a second of the same kind for a subject is refused."""
    if not clocks:
        return []
    ids = [new_id(clock.started_at) for clock in clocks]
    await connection().execute(
        _START,
        ids,
        [clock.kind for clock in clocks],
        [clock.subject_id for clock in clocks],
        [clock.order_id for clock in clocks],
        [clock.vendor_id for clock in clocks],
        [ClockState.RUNNING] * len(clocks),
        [clock.started_at for clock in clocks],
        [clock.warn_at for clock in clocks],
        [clock.due_at for clock in clocks],
    )
    return ids


async def meet(*, subject_ids: Collection[UUID], kind: ClockKind, now: datetime) -> list[Clock]:
    """What was promised is done: met in time, or breached when `now` is strictly after due.

    A breach is dated by the deadline itself, whenever it is noticed; `met_at` says when it was
    done. Answers with the clocks that this call found breached, so that the caller can tell.
    """
    rows = await connection().fetch(_MEET, list(subject_ids), kind, now, movable(ClockMove.MEET))
    return [_clock(row) for row in rows if row["is_late"]]


async def void(
    *, subject_ids: Collection[UUID], now: datetime, kinds: Collection[ClockKind] | None = None
) -> None:
    """What was promised is not wanted any more: nobody is late for it. What is over stays so."""
    wanted = None if kinds is None else list(kinds)
    states = movable(ClockMove.VOID)
    await connection().execute(_VOID, list(subject_ids), wanted, states)


async def claim_due(*, now: datetime, limit: int, leave_out: Collection[UUID] = ()) -> list[Clock]:
    """Clocks strictly past due, longest first; their orders stay locked until we commit.

    Orders that others hold are left out, and so are the clocks named. Act on what `breach` then
    answers, not on these: a clock may have been met between our look and our lock.
    """
    rows = await connection().fetch(
        _CLAIM_DUE, now, limit, movable(ClockMove.BREACH), list(leave_out)
    )
    return [_clock(row) for row in rows]


async def claim_warnings(
    *, now: datetime, limit: int, leave_out: Collection[UUID] = ()
) -> list[Clock]:
    """Clocks to warn of, not due yet, orders locked as by `claim_due`; `warn` says which still."""
    rows = await connection().fetch(
        _CLAIM_WARNINGS, now, limit, movable(ClockMove.WARN), list(leave_out)
    )
    return [_clock(row) for row in rows]


async def breach(*, clock_ids: Collection[UUID], now: datetime) -> list[Clock]:
    """Move those that are past due and still run; answers with the moved ones."""
    states = movable(ClockMove.BREACH)
    rows = await connection().fetch(_BREACH, list(clock_ids), now, states)
    return [_clock(row) for row in rows]


async def warn(*, clock_ids: Collection[UUID], now: datetime) -> list[Clock]:
    """Move those whose warning is due and that have not warned yet; answers with the moved."""
    rows = await connection().fetch(_WARN, list(clock_ids), now, movable(ClockMove.WARN))
    return [_clock(row) for row in rows]


def _clock(row: Any) -> Clock:
    return Clock(
        id=row["id"],
        kind=ClockKind(row["kind"]),
        subject_id=row["subject_id"],
        order_id=row["order_id"],
        vendor_id=row["vendor_id"],
        state=ClockState(row["state"]),
        started_at=row["started_at"],
        warn_at=row["warn_at"],
        due_at=row["due_at"],
    )
