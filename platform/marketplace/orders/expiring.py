"""Sub-orders that their vendor did not answer in time: given back whole."""

from datetime import datetime
from uuid import UUID

from marketplace.inventory import reserving
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from marketplace.orders import held, locking, moving, refunding, rerouting
from marketplace.orders.events import SubOrderExpired
from marketplace.orders.models import OrderLine
from marketplace.orders.states import SubOrderMove, SubOrderState

_REFUSE_ALL = """
    UPDATE order_line SET refused = quantity - cancelled WHERE sub_order_id = $1
"""
REASON = "The seller did not answer in time"


async def expire(*, sub_order_id: UUID, now: datetime) -> None:
    """End it as EXPIRED: another vendor sends it, or it is refunded and its stock free again.

    Call it in a system transaction.
    """
    sub_order = await locking.lock_sub_order(sub_order_id, by=SYSTEM)
    if sub_order.state is not SubOrderState.AWAITING_ACCEPTANCE:
        return
    lines = await OrderLine.filter(sub_order_id=sub_order.id)
    units = {line.id: line.live for line in lines}
    units = await rerouting.send_elsewhere(
        sub_order=sub_order, units=units, whole=True, reason=REASON, now=now
    )
    await connection().execute(_REFUSE_ALL, sub_order.id)
    await reserving.release(units)
    await moving.move(
        [sub_order],
        SubOrderMove.EXPIRE,
        tell=lambda part: SubOrderExpired(order_id=part.order_id, sub_order_id=part.id),
        by=SYSTEM,
        now=now,
        reason=REASON,
    )
    await refunding.give_back(
        sub_order=sub_order, units=units, with_shipping=True, reason=REASON, by=SYSTEM, now=now
    )
    await held.let_go(sub_order.order_id, note=REASON, by=SYSTEM, now=now)
