"""Orders that were not paid in time: cancelled whole, their stock free again."""

from datetime import datetime
from uuid import UUID

from marketplace.inventory import reserving
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from marketplace.orders import locking, moving
from marketplace.orders.events import SubOrderCancelled
from marketplace.orders.models import OrderLine
from marketplace.orders.states import SubOrderMove, SubOrderState
from marketplace.payments import cancelling as payments_cancelling

_CANCEL_UNITS = "UPDATE order_line SET cancelled = quantity WHERE id = ANY($1)"


async def cancel_unpaid(*, order_id: UUID, now: datetime) -> None:
    """Cancel what is still pending, and the payment that may be under way.

    Call it in a transaction. Does nothing to a released order.
    """
    sub_orders = await locking.lock_sub_orders(order_id)
    pending = [part for part in sub_orders if part.state is SubOrderState.PENDING]
    if not pending:
        return
    lines = await OrderLine.filter(order_id=order_id)
    await connection().execute(_CANCEL_UNITS, [line.id for line in lines])
    await reserving.expire({line.id: line.quantity for line in lines})
    await moving.move(
        pending,
        SubOrderMove.CANCEL,
        tell=lambda part: SubOrderCancelled(order_id=order_id, sub_order_id=part.id),
        by=SYSTEM,
        now=now,
        reason="not paid in time",
    )
    await payments_cancelling.plan_cancel(order_id=order_id, now=now)
