"""Move sub-orders: the one place where their state column is written."""

from collections.abc import Callable, Sequence
from datetime import datetime

from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection
from marketplace.orders import history
from marketplace.orders.events import SubOrderEvent
from marketplace.orders.history import Change
from marketplace.orders.models import SubOrder
from marketplace.orders.states import SUB_ORDER, SubOrderMove, SubOrderState

# The times that belong to states are written with them. Earned is for good: the first time counts.
_MOVE = """
    UPDATE sub_order SET state = item.state, version = sub_order.version + 1,
        shipped_at = CASE item.state WHEN 'shipped' THEN coalesce(shipped_at, $3)
            ELSE shipped_at END,
        delivered_at = CASE item.state WHEN 'delivered' THEN $3 ELSE delivered_at END,
        closed_at = CASE item.state WHEN 'closed' THEN $3 ELSE closed_at END
    FROM unnest($1::uuid[], $2::text[]) AS item (id, state) WHERE sub_order.id = item.id
"""


async def move(
    sub_orders: Sequence[SubOrder],
    step: SubOrderMove,
    *,
    tell: Callable[[SubOrder], SubOrderEvent],
    by: Principal,
    now: datetime,
    reason: str | None = None,
) -> None:
    """Move locked sub-orders of one order, each with its history and its event, or none.

    Refuses a move that the table does not list (IllegalMove).
    """
    changes = [
        Change(
            subject="sub_order",
            subject_id=sub_order.id,
            vendor_id=sub_order.vendor_id,
            from_state=sub_order.state,
            to_state=SUB_ORDER.after(sub_order.state, step),
            move=step,
            event=tell(sub_order),
        )
        for sub_order in sub_orders
    ]
    ids, states = [change.subject_id for change in changes], [change.to_state for change in changes]
    await connection().execute(_MOVE, ids, states, now)
    await history.record_changes(changes, by=by, now=now, reason=reason)
    for sub_order, change in zip(sub_orders, changes, strict=True):
        sub_order.state = type(sub_order.state)(change.to_state)
        sub_order.version += 1
        if sub_order.state is SubOrderState.SHIPPED and sub_order.shipped_at is None:
            sub_order.shipped_at = now
