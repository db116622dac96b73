"""Paid and held by nothing: its vendors may see it, and their accept-by clocks start.

Both doors lead here: the payment that arrives, and the last hold that ends.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from marketplace.inventory import reserving
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from marketplace.orders import breaches, cancelling, held, locking, moving
from marketplace.orders.events import SubOrderReleased
from marketplace.orders.models import SubOrder
from marketplace.orders.states import SubOrderMove, SubOrderState
from marketplace.sla import clocks, starting
from marketplace.sla.models import ClockKind
from marketplace.sla.starting import Wanted

# What was paid has met its deadline to pay, late or not; a free order too, once it was confirmed.
_IS_PAID = """
    SELECT EXISTS (SELECT 1 FROM sla_clock
        WHERE subject_id = $1 AND kind = 'pay_by' AND met_at IS NOT NULL)
"""
_RELEASED_AT = "UPDATE sub_order SET released_at = $2 WHERE id = ANY($1)"


async def release(*, order_id: UUID, now: datetime) -> bool:
    """Release what is pending and not held. Call it in the transaction that records the capture.

    False when the order is cancelled, before the money came or now: its stock was not paid for in
    time, and others have bought it. What is held keeps its stock and waits for `release_freed`.
    """
    sub_orders = await locking.lock_sub_orders(order_id)
    pending = [part for part in sub_orders if part.state is SubOrderState.PENDING]
    if not pending:
        return False
    on_hold = await held.among([part.id for part in pending])
    if on_hold and await connection().fetchval(_IS_PAID, order_id):
        return True  # told of its payment once more
    if not await reserving.commit(order_id=order_id, now=now):
        await cancelling.cancel_sold_out(order_id=order_id, now=now)
        return False
    late = await clocks.meet(subject_ids=[order_id], kind=ClockKind.PAY_BY, now=now)
    await breaches.record(late, now=now)
    await _release([part for part in pending if part.id not in on_hold], now)
    return True


async def release_freed(*, order_id: UUID, now: datetime) -> None:
    """A hold has ended: release what is paid, pending and not held any more."""
    sub_orders = await locking.lock_sub_orders(order_id)
    pending = [part for part in sub_orders if part.state is SubOrderState.PENDING]
    if pending and await connection().fetchval(_IS_PAID, order_id):
        on_hold = await held.among([part.id for part in pending])
        await _release([part for part in pending if part.id not in on_hold], now)


async def _release(free: Sequence[SubOrder], now: datetime) -> None:
    if not free:
        return
    await moving.move(
        free,
        SubOrderMove.RELEASE,
        tell=lambda part: SubOrderReleased(order_id=part.order_id, sub_order_id=part.id),
        by=SYSTEM,
        now=now,
    )
    await connection().execute(_RELEASED_AT, [part.id for part in free], now)
    answers = [
        Wanted(
            kind=ClockKind.ACCEPT_BY,
            sub_order_id=part.id,
            order_id=part.order_id,
            vendor_id=part.vendor_id,
        )
        for part in free
    ]
    await starting.start(answers, now=now)
