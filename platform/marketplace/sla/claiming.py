"""Find the clocks that are due for something, and hold their orders.

The order is locked, not the clock: whoever moves a clock holds its order already, so taking the
clock first and the order second would wait in a circle with an operation under way. Orders that
others hold are left out, and so are the clocks named. Act on what the move then answers, not on
these: a clock may have been met between our look and our lock.

The planner is told neither the moment nor how many, both stand in sub-selects, and finds all else
written out: so one plan fits every call, along the index that leads to the longest due. It would
else be made anew each time, by a look at both ends of what all orders have left behind.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from marketplace.kit.transactions import connection
from marketplace.sla.clocks import Clock, qualified, read
from marketplace.sla.models import ClockKind, ClockState
from marketplace.sla.states import ClockMove, movable

_CLAIM = """
    SELECT {columns} FROM sla_clock AS clock JOIN orders ON orders.id = clock.order_id
    WHERE clock.state IN ({states}) AND {condition} {but}
    ORDER BY {order} LIMIT (SELECT $2::int)
    FOR NO KEY UPDATE OF orders SKIP LOCKED
"""
_NOW = "(SELECT $1::timestamptz)"
_LEFT_OUT = "AND clock.id <> ALL($3)"


def _written(names: Collection[StrEnum]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _claiming(states: Collection[ClockState], condition: str, order: str) -> str:
    return _CLAIM.format(
        columns=qualified("clock"),
        states=_written(states),
        condition=condition,
        order=order,
        but="{but}",
    )


_DUE = _claiming(
    movable(ClockMove.BREACH),
    f"clock.due_at < {_NOW} AND clock.kind IN ({{kinds}})",
    "clock.due_at",
)
_WARNINGS = _claiming(
    movable(ClockMove.WARN), f"clock.warn_at <= {_NOW} AND clock.due_at >= {_NOW}", "clock.warn_at"
)
_LATER = _claiming([ClockState.BREACHED], f"clock.next_action_at <= {_NOW}", "clock.next_action_at")
_MOVED = _claiming(
    [ClockState.RUNNING, ClockState.WARNED],
    f"clock.due_at > clock.promised_at AND clock.started_at <= {_NOW}",
    "clock.id",
)
_STANDING = _claiming([ClockState.PAUSED], f"clock.promised_at <= {_NOW}", "clock.promised_at")


async def due(
    *,
    now: datetime,
    limit: int,
    leave_out: Collection[UUID] = (),
    kinds: Collection[ClockKind] | None = None,
) -> list[Clock]:
    """Clocks strictly past due, longest first; their orders stay locked until we commit."""
    wanted = list(ClockKind) if kinds is None else kinds
    return await _claim(_DUE, now, limit, leave_out, kinds=_written(wanted))


async def warnings(*, now: datetime, limit: int, leave_out: Collection[UUID] = ()) -> list[Clock]:
    """Clocks to warn of, not due yet, orders locked as by `due`."""
    return await _claim(_WARNINGS, now, limit, leave_out)


async def later_actions(
    *, now: datetime, limit: int, leave_out: Collection[UUID] = ()
) -> list[Clock]:
    """Clocks that were missed a while ago and of which something more follows now."""
    return await _claim(_LATER, now, limit, leave_out)


async def _claim(
    sql: str, now: datetime, limit: int, leave_out: Collection[UUID], **written: str
) -> list[Clock]:
    more = [list(leave_out)] if leave_out else []
    sql = sql.format(but=_LEFT_OUT if more else "", **written)
    return [read(row) for row in await connection().fetch(sql, now, limit, *more)]


async def delayed(
    *, now: datetime, ahead: timedelta, limit: int, leave_out: Collection[UUID] = ()
) -> list[Clock]:
    """Clocks that are due later than their customers know, or stand still `ahead` of the date."""
    moved = await _claim(_MOVED, now, limit, leave_out)
    if moved:
        return moved
    return await _claim(_STANDING, now + ahead, limit, leave_out)
