"""Payment covers the order: its vendors may see it, and their accept-by clocks start."""

from datetime import datetime
from uuid import UUID

from marketplace.inventory import reserving
from marketplace.orders import breaches, cancelling, letting_in, locking
from marketplace.orders.states import SubOrderState
from marketplace.sla import clocks
from marketplace.sla.models import ClockKind


async def release(*, order_id: UUID, now: datetime) -> bool:
    """Release what is pending. Call it in the transaction that records the capture.

    False when the order is cancelled, before the money came or now: its stock was not paid for in
    time, and others have bought it.
    """
    sub_orders = await locking.lock_sub_orders(order_id)
    pending = [part for part in sub_orders if part.state is SubOrderState.PENDING]
    if not pending:
        return False
    if not await reserving.commit(order_id=order_id, now=now):
        await cancelling.cancel_sold_out(order_id=order_id, now=now)
        return False
    late = await clocks.meet(subject_ids=[order_id], kind=ClockKind.PAY_BY, now=now)
    await breaches.record(late, now=now)
    await letting_in.let_in(pending, now=now)
    return True
