"""Sellers of the same product, and what the first of them cannot send."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from marketplace.catalog.models import Offer
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders import accepting
from marketplace.orders.models import OrderLine, SubOrder
from tests.factories import NOON, make_offer, make_vendor, member, parts_of

LATER = NOON + timedelta(days=30)


async def refuse(
    part: SubOrder, units: Mapping[UUID, int] | None = None, reason: str = "broken"
) -> SubOrder:
    """All of it, unless units by line are named."""
    async with transaction(SYSTEM, read_only=True):
        lines = await OrderLine.filter(sub_order_id=part.id)
    return await accepting.accept(
        principal=member(part.vendor_id), sub_order_id=part.id, reason=reason, now=NOON,
        refused=units if units is not None else {line.id: line.live for line in lines},
    )  # fmt: skip


async def two_sellers(
    *, price: int = 12_00, other_price: int = 12_00, stock: int = 5, other_shipping: int = 4_00
) -> tuple[Offer, Offer]:
    mine = await make_offer(price=price, on_hand=stock)
    other = await make_vendor(name="Loom", shipping=other_shipping)
    theirs = await make_offer(vendor=other, like=mine, price=other_price, on_hand=stock)
    return mine, theirs


async def asks_again(order_id: UUID) -> SubOrder:
    """The sub-order that was made last."""
    return (await parts_of(order_id))[-1]
