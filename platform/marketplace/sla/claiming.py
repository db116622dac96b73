"""Find the clocks that are due for something, and hold their orders.

The order is locked, not the clock: whoever moves a clock holds its order already, so taking the
clock first and the order second would wait in a circle with an operation under way. Orders that
others hold are left out, and so are the clocks named. Act on what the move then answers, not on
these: a clock may have been met between our look and our lock.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from marketplace.kit.transactions import connection
from marketplace.sla.clocks import Clock, qualified, read
from marketplace.sla.models import ClockKind, ClockState
from marketplace.sla.states import ClockMove, movable

_CLAIM = """
    SELECT {columns} FROM sla_clock AS clock JOIN orders ON orders.id = clock.order_id
    WHERE clock.state = ANY($3) AND clock.id <> ALL($4) AND {condition}
        AND ($5::text[] IS NULL OR clock.kind = ANY($5))
    ORDER BY {order} LIMIT $2
    FOR NO KEY UPDATE OF orders SKIP LOCKED
"""
_QUALIFIED = qualified("clock")
_DUE = _CLAIM.format(columns=_QUALIFIED, condition="clock.due_at < $1", order="clock.due_at")
_WARNINGS = _CLAIM.format(
    columns=_QUALIFIED,
    condition="clock.warn_at <= $1 AND clock.due_at >= $1",
    order="clock.warn_at",
)
_LATER = _CLAIM.format(
    columns=_QUALIFIED, condition="clock.next_action_at <= $1", order="clock.next_action_at"
)

_MOVED = _CLAIM.format(
    columns=_QUALIFIED,
    condition="clock.due_at > clock.promised_at AND clock.started_at <= $1",
    order="clock.id",
)
_STANDING = _CLAIM.format(
    columns=_QUALIFIED, condition="clock.promised_at <= $1", order="clock.promised_at"
)


async def due(
    *,
    now: datetime,
    limit: int,
    leave_out: Collection[UUID] = (),
    kinds: Collection[ClockKind] | None = None,
) -> list[Clock]:
    """Clocks strictly past due, longest first; their orders stay locked until we commit."""
    return await _claim(_DUE, now, limit, movable(ClockMove.BREACH), leave_out, kinds)


async def warnings(*, now: datetime, limit: int, leave_out: Collection[UUID] = ()) -> list[Clock]:
    """Clocks to warn of, not due yet, orders locked as by `due`."""
    return await _claim(_WARNINGS, now, limit, movable(ClockMove.WARN), leave_out, None)


async def later_actions(
    *, now: datetime, limit: int, leave_out: Collection[UUID] = ()
) -> list[Clock]:
    """Clocks that were missed a while ago and of which something more follows now."""
    return await _claim(_LATER, now, limit, [ClockState.BREACHED], leave_out, None)


async def _claim(
    sql: str,
    now: datetime,
    limit: int,
    states: Collection[ClockState],
    leave_out: Collection[UUID],
    kinds: Collection[ClockKind] | None,
) -> list[Clock]:
    wanted = None if kinds is None else list(kinds)
    rows = await connection().fetch(sql, now, limit, list(states), list(leave_out), wanted)
    return [read(row) for row in rows]


async def delayed(
    *, now: datetime, ahead: timedelta, limit: int, leave_out: Collection[UUID] = ()
) -> list[Clock]:
    """Clocks that are due later than their customers know, or stand still `ahead` of the date."""
    states = [ClockState.RUNNING, ClockState.WARNED]
    moved = await _claim(_MOVED, now, limit, states, leave_out, None)
    if moved:
        return moved
    return await _claim(_STANDING, now + ahead, limit, [ClockState.PAUSED], leave_out, None)
