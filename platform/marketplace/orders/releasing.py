"""Payment covers the order: its vendors may see it, and their accept-by clocks start."""

from datetime import datetime
from uuid import UUID

from marketplace.inventory import reserving
from marketplace.kit.transactions import connection
from marketplace.orders import breaches, cancelling, letting_in, locking
from marketplace.orders.states import SubOrderState
from marketplace.sla import clocks
from marketplace.sla.models import ClockKind

# What was paid has met its deadline to pay, late or not; a free order too, once it was confirmed.
_IS_PAID = """
    SELECT EXISTS (SELECT 1 FROM sla_clock
        WHERE subject_id = $1 AND kind = 'pay_by' AND met_at IS NOT NULL)
"""


async def release(*, order_id: UUID, now: datetime) -> bool:
    """Release what is pending. Call it in the transaction that records the capture.

    False when the order is cancelled, before the money came or now: its stock was not paid for in
    time, and others have bought it. What is held keeps its stock and waits for `release_freed`.
    """
    sub_orders = await locking.lock_sub_orders(order_id)
    pending = [part for part in sub_orders if part.state is SubOrderState.PENDING]
    if not pending:
        return False
    if await connection().fetchval(_IS_PAID, order_id):
        return True  # told of its payment once more, while something holds it
    if not await reserving.commit(order_id=order_id, now=now):
        await cancelling.cancel_sold_out(order_id=order_id, now=now)
        return False
    late = await clocks.meet(subject_ids=[order_id], kind=ClockKind.PAY_BY, now=now)
    await breaches.record(late, now=now)
    await letting_in.let_in(pending, now=now)
    return True


async def release_freed(*, order_id: UUID, now: datetime) -> None:
    """A hold has ended: release what is paid, pending and not held any more."""
    sub_orders = await locking.lock_sub_orders(order_id)
    pending = [part for part in sub_orders if part.state is SubOrderState.PENDING]
    if pending and await connection().fetchval(_IS_PAID, order_id):
        await letting_in.let_in(pending, now=now)
