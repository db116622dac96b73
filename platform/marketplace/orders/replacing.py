"""Write the sub-orders that replace a part of another one: rows, money, stock, clocks, events."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.inventory import promising
from marketplace.inventory.promising import Promise
from marketplace.kit.ids import new_id
from marketplace.kit.money import split
from marketplace.kit.transactions import connection
from marketplace.orders import dividing, numbers, releasing
from marketplace.orders.dividing import Amounts, Ask, Taxes
from marketplace.orders.events import SubOrderRerouted
from marketplace.orders.models import OrderLine, Reroute, SubOrder
from marketplace.orders.states import SUB_ORDER
from marketplace.outbox import recording as events
from marketplace.payments import moving_shares
from marketplace.routing import keeping
from marketplace.routing.documents import Bearer
from marketplace.routing.models import Cause
from marketplace.routing.recording import Made

# The next vendor's offer, with the commission rule that would have been frozen at placement.
_ASKS = """
    SELECT stock.id AS stock_id, stock.offer_id, stock.location_id, offer.price_minor,
        rule.id AS rule_id, rule.rate_ppm, rule.vat_ppm
    FROM stock JOIN offer ON offer.id = stock.offer_id
    JOIN variant ON variant.id = offer.variant_id
    JOIN product ON product.id = variant.product_id
    CROSS JOIN LATERAL (
        SELECT * FROM commission_rule
        WHERE (commission_rule.vendor_id = offer.vendor_id OR commission_rule.vendor_id IS NULL)
            AND (commission_rule.category = product.category OR commission_rule.category IS NULL)
            AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2)
        ORDER BY commission_rule.vendor_id IS NOT NULL DESC,
            commission_rule.category IS NOT NULL DESC, version DESC
        LIMIT 1
    ) rule
    WHERE stock.id = ANY($1)
"""
_VAT_OF_RULES = "SELECT id, vat_ppm FROM commission_rule WHERE id = ANY($1)"
_SHIPPING = """
    SELECT vendor_id, CASE WHEN free_from_minor <= wanted.items THEN 0
        ELSE base_minor + per_unit_minor * wanted.units END AS shown_minor
    FROM unnest($1::uuid[], $2::bigint[], $3::int[]) AS wanted (vendor, items, units)
    JOIN shipping_rate ON vendor_id = wanted.vendor AND country = $4 AND currency = $5
"""
_SUB_ORDERS_OF = "SELECT count(*) FROM sub_order WHERE order_id = $1"
_ORDER_NUMBER = "SELECT number FROM orders WHERE id = $1"


@dataclass(frozen=True, slots=True)
class Replaced:
    """What goes to one vendor: lines, the stock each is taken from, and how many units."""

    vendor_id: UUID
    takes: Sequence[tuple[OrderLine, UUID, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shipping:
    shown: int
    net: int
    tax: int
    gross: int
    funding: int


async def replace(
    *,
    sub_order: SubOrder,
    replaced: Sequence[Replaced],
    with_shipping: bool,
    made: Made,
    bearer: Bearer,
    reason: str,
    now: datetime,
) -> None:
    """One released sub-order for each vendor; this one and its lines keep what is left.

    The caller holds the order and the stock; the units' promises at this vendor are released.
    """
    taxes = Taxes(inclusive=sub_order.tax_inclusive, by_vendor=sub_order.tax_liable == "vendor")
    asks = await _asks(replaced, now)
    kept = await _kept(replaced, taxes)
    parts = [
        _lines(part, kept, taxes, asks, now) for part in replaced
    ]
    shippings = await _shippings(sub_order, replaced, parts, with_shipping, taxes)
    new = await _sub_orders(sub_order, replaced, parts, shippings, now)
    await _shrink(sub_order, [line for part in replaced for line, _, _ in part.takes], kept, new)
    for part, lines in zip(new, parts, strict=True):
        await OrderLine.bulk_create([OrderLine(sub_order_id=part.id, **row) for row in lines])
    promises = [
        Promise(stock_id, row["id"], units)
        for part, lines in zip(replaced, parts, strict=True)
        for (_, stock_id, units), row in zip(part.takes, lines, strict=True)
    ]
    await promising.promise(promises, order_id=sub_order.order_id, now=now)
    await moving_shares.move(
        from_sub_order_id=sub_order.id,
        into={part.id: part.total_minor for part in new},
        now=now,
    )
    for one, part in zip(replaced, new, strict=True):
        taken = {str(line.id): str(stock_id) for line, stock_id, _ in one.takes}
        await keeping.keep(
            made, order_id=part.order_id, sub_order_id=part.id, vendor_id=part.vendor_id,
            cause=Cause.REROUTED, taken=taken, now=now,
        )  # fmt: skip
    await releasing.let_in(new, now=now)
    await _tell(sub_order, replaced, parts, new, kept, bearer, reason, now)


async def _asks(replaced: Sequence[Replaced], now: datetime) -> dict[UUID, Any]:
    stock_ids = [stock_id for part in replaced for _, stock_id, _ in part.takes]
    return {row["stock_id"]: row for row in await connection().fetch(_ASKS, stock_ids, now)}


async def _kept(replaced: Sequence[Replaced], taxes: Taxes) -> dict[UUID, Amounts]:
    """What stays of each line that units leave."""
    leaving = [(line, units) for part in replaced for line, _, units in part.takes]
    rules = [line.commission_rule_id for line, _ in leaving]
    vat = {row["id"]: row["vat_ppm"] for row in await connection().fetch(_VAT_OF_RULES, rules)}
    return {
        line.id: dividing.keep(
            line, line.quantity - units, taxes, commission_vat_ppm=vat[line.commission_rule_id]
        )
        for line, units in leaving
    }
