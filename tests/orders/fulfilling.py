"""A sub-order that its vendor has accepted."""

from marketplace.orders import accepting
from marketplace.orders.models import OrderLine, SubOrder
from tests.factories import NOON, make_offer, make_paid_order, member, parts_of


async def accepted(quantity: int = 3) -> SubOrder:
    mug = await make_offer(on_hand=9)
    [part] = await parts_of(await make_paid_order({mug.id: quantity}))
    return await accepting.accept(principal=member(part.vendor_id), sub_order_id=part.id, now=NOON)


async def line_of(part: SubOrder) -> OrderLine:
    return await OrderLine.get(sub_order_id=part.id)
