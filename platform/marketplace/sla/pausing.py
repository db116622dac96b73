"""Deadlines stand still while it is not the vendor's doing, and go on with the time they had left.

Pauses nest: an order's deadlines go on when none of its pauses is open any more. What stands
still is not missed; what was missed before is not undone. Call these under the order's lock, in
a transaction that sees all rows.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.kit.transactions import connection
from marketplace.outbox import recording
from marketplace.sla import shifting, vendor_times
from marketplace.sla.clocks import COLUMNS, Clock, qualified, read
from marketplace.sla.events import SlaPaused, SlaResumed
from marketplace.sla.models import ClockKind, ClockState, PauseCause
from marketplace.sla.states import CLOCK, ClockMove, movable

LONGEST_NOTE = 200  # characters

_OPEN = """
    INSERT INTO sla_pause (id, order_id, subject_id, cause, reference, note, paused_by, paused_at)
    SELECT item.id, $3, item.subject_id, $4, $5, $6, $7, $8
    FROM unnest($1::uuid[], $2::uuid[]) AS item (id, subject_id)
    ON CONFLICT DO NOTHING RETURNING id
"""
# The money's own deadline goes with the stock that is kept for it, and never stands still.
_PAUSE = f"""
    UPDATE sla_clock SET state = 'paused', paused_at = $3
    WHERE order_id = $1 AND ($2::uuid[] IS NULL OR subject_id = ANY($2))
        AND state = ANY($4) AND due_at >= $3 AND kind <> '{ClockKind.PAY_BY.value}'
    RETURNING {COLUMNS}
"""
_CLOSE = """
    UPDATE sla_pause SET resumed_at = $4, resumed_by = $5
    WHERE order_id = $1 AND cause = $2 AND reference IS NOT DISTINCT FROM $3
        AND resumed_at IS NULL
        AND CASE WHEN $6::uuid[] IS NULL THEN subject_id IS NULL ELSE subject_id = ANY($6) END
    RETURNING id
"""
_FREE = f"""
    SELECT {COLUMNS} FROM sla_clock
    WHERE order_id = $1 AND state = 'paused' AND NOT EXISTS (
        SELECT 1 FROM sla_pause WHERE sla_pause.order_id = $1 AND resumed_at IS NULL
            AND (sla_pause.subject_id IS NULL OR sla_pause.subject_id = sla_clock.subject_id))
"""
_RESUME = f"""
    UPDATE sla_clock SET state = item.state, due_at = item.due_at, warn_at = item.warn_at,
        paused_at = NULL
    FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[])
        AS item (id, state, due_at, warn_at)
    WHERE sla_clock.id = item.id
    RETURNING {qualified("sla_clock")}
"""


async def pause(
    *,
    order_id: UUID,
    cause: PauseCause,
    now: datetime,
    subject_ids: Collection[UUID] | None = None,
    reference: UUID | None = None,
    note: str = "",
    by: Principal = SYSTEM,
) -> list[Clock]:
    """Let an order's deadlines stand still, or those of some subjects; answers with the stopped.

    `reference` tells two pauses of one cause apart, such as two holds. The same pause twice is
    one. What begins while it lasts stands still from its beginning.
    """
    subjects: Sequence[UUID | None] = [None] if subject_ids is None else sorted(subject_ids)
    ids = [new_id(now) for _ in subjects]
    opened = await connection().fetch(
        _OPEN, ids, subjects, order_id, cause, reference, note[:LONGEST_NOTE], by.key, now
    )
    wanted = None if subject_ids is None else list(subject_ids)
    states = movable(ClockMove.PAUSE)
    rows = await connection().fetch(_PAUSE, order_id, wanted, now, states)
    if opened:
        told = tuple(subject_ids or ())
        event = SlaPaused(order_id=order_id, cause=cause, subject_ids=told)
        await recording.record([event], now=now)
    return [read(row) for row in rows]


async def resume(
    *,
    order_id: UUID,
    cause: PauseCause,
    now: datetime,
    subject_ids: Collection[UUID] | None = None,
    reference: UUID | None = None,
    by: Principal = SYSTEM,
) -> list[Clock]:
    """End a pause; answers with the clocks that go on, due later by the business time it took.

    What another pause still stops is not among them. A pause that is not there is no mistake.
    """
    wanted = None if subject_ids is None else list(subject_ids)
    closed = await connection().fetch(_CLOSE, order_id, cause, reference, now, by.key, wanted)
    if not closed:
        return []
    rows = await connection().fetch(_FREE, order_id)
    resumed = await _go_on([read(row) for row in rows], now)
    event = SlaResumed(order_id=order_id, cause=cause, subject_ids=tuple(subject_ids or ()))
    await recording.record([event], now=now)
    return resumed


async def _go_on(standing: Sequence[Clock], now: datetime) -> list[Clock]:
    if not standing:
        return []
    owners = {clock.on_calendar_of for clock in standing} - {None}
    times = await vendor_times.of_vendors([owner for owner in owners if owner is not None])
    dates = []
    for clock in standing:
        assert clock.paused_at is not None
        time = times.get(clock.on_calendar_of) if clock.on_calendar_of else None
        calendar = time.calendar if time else None
        dates.append(shifting.carried_on(clock, since=clock.paused_at, until=now, on=calendar))
    rows = await connection().fetch(
        _RESUME,
        [clock.id for clock in standing],
        [_state_after(clock) for clock in standing],
        [moved.due_at for moved in dates],
        [moved.warn_at for moved in dates],
    )
    return [read(row) for row in rows]


def _state_after(clock: Clock) -> ClockState:
    move = ClockMove.RESUME if clock.warned_at is None else ClockMove.RESUME_WARNED
    return CLOCK.after(clock.state, move)
