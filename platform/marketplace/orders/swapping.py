"""Replace units of a line by another offer of the same vendor, in the same sub-order.

The new line takes over exactly what the customer paid for the units. What it costs less is then
refunded of it, and with that the vendor earns by its new offer: docs/decisions/0003, 0019.
"""

from datetime import datetime
from uuid import UUID

from marketplace.inventory import committing, reserving
from marketplace.inventory.committing import Promise
from marketplace.kit.ids import new_id
from marketplace.kit.money import at_rate
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from marketplace.orders import own_places, refunding, replacement_rows, shrinking, substituting
from marketplace.orders.commission_rule import RULE
from marketplace.orders.dividing import Amounts
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.orders.replacement_rows import Take
from marketplace.orders.substitution_models import Substitution

REASON = "What you have instead costs less"

_VARIANTS = "SELECT variant_id FROM offer WHERE id = ANY($1)"
_SHELF = f"""
    SELECT stock.id, stock.location_id, variant.sku, rule.id AS rule_id, rule.rate_ppm, rule.vat_ppm
    FROM stock JOIN offer ON offer.id = stock.offer_id
    JOIN variant ON variant.id = offer.variant_id
    JOIN product ON product.id = variant.product_id
    {RULE}
    WHERE stock.id = $1
"""
_NEXT_POSITION = "SELECT max(position) + 1 FROM order_line WHERE sub_order_id = $1"


async def swap(
    sub_order: SubOrder, line: OrderLine, proposed: Substitution, *, now: datetime
) -> UUID | None:
    """The new line; None, and nothing is done, where the substitute is gone.

    The caller holds the order and sees all rows; the units may leave the line, and none of its
    money went back.
    """
    units = proposed.units
    rows = await connection().fetch(_VARIANTS, [line.offer_id, proposed.offer_id])
    await committing.lock(line_ids=[line.id], variant_ids=[row["variant_id"] for row in rows])
    stock_id = await own_places.find(
        offer_id=proposed.offer_id, order_id=line.order_id, units=units,
        unit_price_minor=proposed.unit_price_minor, now=now,
    )  # fmt: skip
    if stock_id is None:
        return None
    shelf = await connection().fetchrow(_SHELF, stock_id, now)
    kept = await substituting.kept_of(sub_order, line, units)
    new = OrderLine(
        id=new_id(now), order_id=line.order_id, sub_order_id=sub_order.id,
        vendor_id=line.vendor_id, offer_id=proposed.offer_id, location_id=shelf["location_id"],
        position=await connection().fetchval(_NEXT_POSITION, sub_order.id), sku=shelf["sku"],
        name=proposed.name, quantity=units, unit_price_minor=line.unit_price_minor,
        tax_ppm=line.tax_ppm, commission_ppm=shelf["rate_ppm"],
        commission_rule_id=shelf["rule_id"], replaces_id=line.id,
        **replacement_rows.columns(
            _rest(sub_order, line, kept, rate_ppm=shelf["rate_ppm"], vat_ppm=shelf["vat_ppm"])
        ),
    )  # fmt: skip
    await reserving.release({line.id: units})
    await shrinking.shrink_lines([Take(line, shelf["id"], units)], {line.id: kept})
    await new.save(force_create=True)
    promise = Promise(shelf["id"], new.id, units)
    await committing.promise([promise], order_id=line.order_id, now=now)
    if proposed.refund_minor:
        await refunding.request(
            principal=SYSTEM, order_id=line.order_id, units={}, shipping_of=[],
            amounts={new.id: proposed.refund_minor}, reason=REASON,
            key=f"substitution:{proposed.id}", now=now,
        )  # fmt: skip
    return new.id


def _rest(
    sub_order: SubOrder, line: OrderLine, kept: Amounts, *, rate_ppm: int, vat_ppm: int
) -> Amounts:
    """What leaves the line, to the minor unit, under the commission of the new offer."""
    gross, tax = line.gross_minor - kept.gross, line.tax_minor - kept.tax
    funding = line.funding_minor - kept.funding
    commission = at_rate(gross - tax + funding, rate_ppm)
    return Amounts(
        items=line.items_minor - kept.items,
        discount_platform=line.discount_platform_minor - kept.discount_platform,
        discount_vendor=line.discount_vendor_minor - kept.discount_vendor,
        net=gross - tax,
        tax=tax,
        gross=gross,
        funding=funding,
        vendor=gross + funding - (0 if sub_order.tax_liable == "vendor" else tax),
        commission=commission,
        commission_vat=at_rate(commission, vat_ppm),
    )
