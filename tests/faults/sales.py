"""An order to be meddled with."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from tests.faults.shoppers import Bought, buy
from tests.journeys.buying import Shop, offer_of
from tests.journeys.running import Marketplace

SOLD = """
    SELECT sub_order.order_id, sub_order.id AS sub_order_id, order_line.id AS line_id
    FROM sub_order JOIN order_line ON order_line.sub_order_id = sub_order.id
    JOIN orders ON orders.id = sub_order.order_id
    WHERE orders.number = $1
"""


@dataclass(frozen=True, slots=True)
class Sale:
    """A guest's paid order of two pieces, which waits for Oliveira's answer."""

    order: Bought
    order_id: UUID
    sub_order_id: UUID
    line_id: UUID


async def a_sale(souk: Marketplace, shop: Shop) -> Sale:
    oil = await offer_of(shop, "Oliveira & Filhos", "Olive oil, 50 cl")
    order = await buy(shop, {oil: 2}, email=f"guest-{uuid4().hex[:8]}@example.com")
    [row] = await souk.rows(SOLD, order.number)
    return Sale(order, **row)
