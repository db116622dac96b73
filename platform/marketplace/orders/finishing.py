"""A sub-order of which everything live has arrived."""

from datetime import datetime

from marketplace.kit.principal import Principal
from marketplace.orders import moving
from marketplace.orders.events import SubOrderDelivered
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.orders.states import SubOrderMove, SubOrderState


async def finish(sub_order: SubOrder, *, by: Principal, now: datetime) -> None:
    """Move it to DELIVERED if all that is live of it has arrived; its order is locked."""
    if sub_order.state is not SubOrderState.SHIPPED:
        return
    lines = await OrderLine.filter(sub_order_id=sub_order.id)
    if any(line.delivered < line.live for line in lines):
        return
    await moving.move(
        [sub_order],
        SubOrderMove.DELIVER,
        tell=lambda part: SubOrderDelivered(order_id=part.order_id, sub_order_id=part.id),
        by=by,
        now=now,
    )
