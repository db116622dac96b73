"""Payment covers the order: its vendors may see it, and their accept-by clocks start."""

from datetime import datetime
from uuid import UUID

from marketplace.inventory import reserving
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from marketplace.orders import breaches, cancelling, locking, moving
from marketplace.orders.events import SubOrderReleased
from marketplace.orders.states import SubOrderMove, SubOrderState
from marketplace.sla import clocks, starting
from marketplace.sla.models import ClockKind
from marketplace.sla.starting import Wanted

_RELEASED_AT = "UPDATE sub_order SET released_at = $2 WHERE id = ANY($1)"


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
    await moving.move(
        pending,
        SubOrderMove.RELEASE,
        tell=lambda part: SubOrderReleased(order_id=order_id, sub_order_id=part.id),
        by=SYSTEM,
        now=now,
    )
    await connection().execute(_RELEASED_AT, [part.id for part in pending], now)
    answers = [
        Wanted(
            kind=ClockKind.ACCEPT_BY,
            sub_order_id=part.id,
            order_id=order_id,
            vendor_id=part.vendor_id,
        )
        for part in pending
    ]
    await starting.start(answers, now=now)
    return True
