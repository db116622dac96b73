"""Orders that were not paid in time: cancelled whole, their stock free again."""

from datetime import datetime
from uuid import UUID

from marketplace.inventory import reserving
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from marketplace.orders import breaches, held, locking, moving
from marketplace.orders.events import SubOrderCancelled
from marketplace.orders.models import OrderLine
from marketplace.orders.states import SubOrderMove, SubOrderState
from marketplace.payments import cancelling as payments_cancelling
from marketplace.sla import clocks
from marketplace.sla.models import ClockKind

_CANCEL_UNITS = "UPDATE order_line SET cancelled = quantity WHERE id = ANY($1)"


NOT_PAID = "not paid in time"
SOLD_OUT = "paid after others had bought it"
DECLINED = "declined after a check"


async def cancel_unpaid(*, order_id: UUID, now: datetime) -> None:
    """Cancel what is still pending, and the payment that may be under way.

    Call it in a transaction. Does nothing to a released order.
    """
    if await _cancel_pending(order_id, NOT_PAID, now):
        await payments_cancelling.plan_cancel(order_id=order_id, now=now)


async def cancel_sold_out(*, order_id: UUID, now: datetime) -> None:
    """Cancel an order whose money came when its stock was gone. The caller gives the money back."""
    await _cancel_pending(order_id, SOLD_OUT, now)
    late = await clocks.meet(subject_ids=[order_id], kind=ClockKind.PAY_BY, now=now)
    await breaches.record(late, now=now)


async def cancel_declined(*, order_id: UUID, now: datetime) -> None:
    """Cancel an order that is not to be sent. The caller gives the money back."""
    await _cancel_pending(order_id, DECLINED, now)
    late = await clocks.meet(subject_ids=[order_id], kind=ClockKind.PAY_BY, now=now)
    await breaches.record(late, now=now)


async def _cancel_pending(order_id: UUID, reason: str, now: datetime) -> bool:
    sub_orders = await locking.lock_sub_orders(order_id)
    pending = [part for part in sub_orders if part.state is SubOrderState.PENDING]
    if not pending:
        return False
    lines = await OrderLine.filter(order_id=order_id)
    await connection().execute(_CANCEL_UNITS, [line.id for line in lines])
    units = {line.id: line.quantity for line in lines}
    await reserving.expire(units)
    await reserving.release(units)
    await moving.move(
        pending,
        SubOrderMove.CANCEL,
        tell=lambda part: SubOrderCancelled(order_id=order_id, sub_order_id=part.id),
        by=SYSTEM,
        now=now,
        reason=reason,
    )
    await held.let_go(order_id, note=reason, by=SYSTEM, now=now)
    return True
