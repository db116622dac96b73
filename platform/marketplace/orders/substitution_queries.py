"""What a vendor may offer instead, and what it has offered."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction
from marketplace.orders.substitution_models import Substitution

# Dearer than the dearest line, or without stock: nothing that anybody could be offered.
_OFFERS = """
    SELECT offer.id, offer.price_minor, offer.currency,
        product.name || CASE variant.name WHEN '' THEN '' ELSE ', ' || variant.name END AS name,
        shelf.available
    FROM offer JOIN variant ON variant.id = offer.variant_id
    JOIN product ON product.id = variant.product_id
    JOIN sub_order ON sub_order.id = $1 AND offer.vendor_id = sub_order.vendor_id
        AND offer.currency = sub_order.currency
    CROSS JOIN LATERAL (
        SELECT max(stock.available) AS available FROM stock
        JOIN location ON location.id = stock.location_id AND location.closed_at IS NULL
        WHERE stock.offer_id = offer.id
    ) shelf
    WHERE offer.is_active AND ($2::uuid IS NULL OR offer.vendor_id = $2)
        AND shelf.available > 0
        AND offer.price_minor <= (SELECT max(unit_price_minor) FROM order_line
            WHERE sub_order_id = $1)
    ORDER BY name, offer.id LIMIT 200
"""


@dataclass(frozen=True, slots=True)
class OfferedInstead:
    id: UUID
    name: str
    price: Money
    available: int


async def offers(*, principal: Principal, sub_order_id: UUID) -> Sequence[OfferedInstead]:
    """What the sub-order's vendor has in stock and that costs no more than its dearest line."""
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(_OFFERS, sub_order_id, principal.vendor_id)
    return [
        OfferedInstead(
            row["id"], row["name"], Money(row["price_minor"], row["currency"]), row["available"]
        )
        for row in rows
    ]


async def of_sub_order(*, principal: Principal, sub_order_id: UUID) -> list[Substitution]:
    """The newest first; a vendor sees its own."""
    async with transaction(principal, read_only=True):
        found = Substitution.filter(sub_order_id=sub_order_id)
        if principal.vendor_id is not None:
            found = found.filter(vendor_id=principal.vendor_id)
        return await found.order_by("-id")
