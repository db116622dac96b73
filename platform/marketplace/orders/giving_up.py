"""What a vendor will not send after all: sent by another one, else off the order and paid back."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from marketplace.kit.principal import Principal
from marketplace.orders import refunding, rerouting, taking_off
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.orders.states import SubOrderMove


async def give_up(
    sub_order: SubOrder,
    units: Mapping[UUID, int],
    *,
    reason: str,
    by: Principal,
    now: datetime,
) -> None:
    """Free units by line go to the next vendor that has them; the rest is cancelled and refunded.

    The caller holds the order, sees all rows, and knows the order is paid. What nothing is left of
    to send ends as CANCELLED, or SHIPPED where a part has left.
    """
    lines = await OrderLine.filter(sub_order_id=sub_order.id).order_by("id")
    step = taking_off.step_of(sub_order, lines, units)
    is_whole = step is SubOrderMove.CANCEL
    left = await rerouting.send_elsewhere(
        sub_order=sub_order, units=units, whole=is_whole, reason=reason, now=now
    )
    if left:
        await refunding.give_back(
            sub_order=sub_order, units=left, with_shipping=is_whole, reason=reason, by=by, now=now
        )
    if left or step is not SubOrderMove.CANCEL_PART:
        lines = await OrderLine.filter(sub_order_id=sub_order.id).order_by("id")
        await taking_off.take_off(sub_order, lines, left, by=by, now=now, reason=reason)
