"""Write the sub-orders that replace a part of another one: rows, money, stock, clocks, events."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from marketplace.inventory import committing
from marketplace.inventory.committing import Promise
from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection
from marketplace.orders import dividing, holding, letting_in, numbers, replacement_rows, shrinking
from marketplace.orders.commission_rule import RULE
from marketplace.orders.dividing import Amounts, Taxes
from marketplace.orders.events import SubOrderRerouted
from marketplace.orders.history_models import Reroute
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.orders.replacement_rows import Offered, Replaced, Row, Shipping
from marketplace.outbox import recording as events
from marketplace.payments import moving_shares
from marketplace.pricing.shipping import Option
from marketplace.routing import keeping
from marketplace.routing.documents import Bearer
from marketplace.routing.models import Cause
from marketplace.routing.recording import Made

# The next vendor's offer, with the commission rule as placement would choose it now.
_OFFERED = f"""
    SELECT stock.id, stock.offer_id, stock.location_id, offer.price_minor, rule.id AS rule_id,
        rule.rate_ppm, rule.vat_ppm
    FROM stock JOIN offer ON offer.id = stock.offer_id
    JOIN variant ON variant.id = offer.variant_id
    JOIN product ON product.id = variant.product_id
    {RULE}
    WHERE stock.id = ANY($1)
"""
_VAT_OF_RULES = "SELECT id, vat_ppm FROM commission_rule WHERE id = ANY($1)"
# By the method that the customer chose, where the vendor has it.
_SHIPPING = """
    SELECT rate.vendor_id, rate.method,
        CASE WHEN rate.free_from_minor <= wanted.items THEN 0
            ELSE rate.base_minor + rate.per_unit_minor * wanted.units END AS shown_minor
    FROM unnest($1::uuid[], $2::bigint[], $3::int[]) AS wanted (vendor, items, units)
    CROSS JOIN LATERAL shipping_rate_for(wanted.vendor, $4, $5, $6) rate
"""
_NUMBERED = """
    SELECT orders.number, (SELECT count(*) FROM sub_order WHERE order_id = orders.id) AS parts
    FROM orders WHERE id = $1
"""


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

    The caller holds the order, the payment and the stock, and sees all rows; the units' promises
    at the first vendor are released. Nothing of the lines was refunded.
    """
    taxes = Taxes(inclusive=sub_order.tax_inclusive, by_vendor=sub_order.tax_liable == "vendor")
    offered, kept = await _offered(replaced, now), await _kept(replaced, taxes)
    rows = [
        replacement_rows.lines(part, kept, taxes, offered, order_id=sub_order.order_id, now=now)
        for part in replaced
    ]
    weights = [sum(row["gross_minor"] for row in lines) for lines in rows]
    asked = await _shipping_asked(sub_order, replaced, offered)
    moves = with_shipping and not sub_order.shipping_refunded_minor
    shippings = replacement_rows.shippings(sub_order, weights, asked, taxes, moves=moves)
    extra = _extra(replaced, kept, rows, shippings, sub_order.shipping_funding_minor * moves)
    new = await _made(sub_order, rows, shippings, taxes, now)
    await shrinking.shrink(sub_order, replaced, kept, new, moves=moves)
    await _hand_over(sub_order, replaced, rows, new, made, now)
    await holding.follow(sub_order, new, now=now)
    await letting_in.let_in(new, now=now)
    await _tell(sub_order, new, extra, bearer, reason, now)


async def _offered(replaced: Sequence[Replaced], now: datetime) -> dict[UUID, Offered]:
    stock_ids = [take.stock_id for part in replaced for take in part.takes]
    rows = [dict(row) for row in await connection().fetch(_OFFERED, stock_ids, now)]
    return {row.pop("id"): Offered(**row) for row in rows}


async def _kept(replaced: Sequence[Replaced], taxes: Taxes) -> dict[UUID, Amounts]:
    """What stays of each line that units leave."""
    takes = [take for part in replaced for take in part.takes]
    rules = [take.line.commission_rule_id for take in takes]
    vat = {row["id"]: row["vat_ppm"] for row in await connection().fetch(_VAT_OF_RULES, rules)}
    return {
        take.line.id: dividing.keep(
            take.line,
            take.line.quantity - take.units,
            taxes,
            commission_vat_ppm=vat[take.line.commission_rule_id],
        )
        for take in takes
    }


async def _shipping_asked(
    sub_order: SubOrder, replaced: Sequence[Replaced], offered: Mapping[UUID, Offered]
) -> list[Option]:
    """By each vendor's own rate, as the channel shows it; routing took none without a rate."""
    rows = await connection().fetch(
        _SHIPPING,
        [part.vendor_id for part in replaced],
        [
            sum(offered[take.stock_id].price_minor * take.units for take in part.takes)
            for part in replaced
        ],
        [sum(take.units for take in part.takes) for part in replaced],
        sub_order.tax_jurisdiction,
        sub_order.currency,
        sub_order.shipping_method,
    )
    asked = {row["vendor_id"]: Option(row["method"], row["shown_minor"]) for row in rows}
    return [asked[part.vendor_id] for part in replaced]


def _extra(
    replaced: Sequence[Replaced],
    kept: Mapping[UUID, Amounts],
    rows: Sequence[Sequence[Row]],
    shippings: Sequence[Shipping],
    funded_shipping: int,
) -> list[int]:
    """What each replacement is funded with beyond what its units were funded with before."""
    return [
        sum(row["funding_minor"] for row in lines)
        + shipping.funding
        - sum(take.line.funding_minor - kept[take.line.id].funding for take in part.takes)
        - (funded_shipping if position == 0 else 0)
        for position, (part, lines, shipping) in enumerate(
            zip(replaced, rows, shippings, strict=True)
        )
    ]


async def _made(
    sub_order: SubOrder,
    rows: Sequence[Sequence[Row]],
    shippings: Sequence[Shipping],
    taxes: Taxes,
    now: datetime,
) -> list[SubOrder]:
    numbered = await connection().fetchrow(_NUMBERED, sub_order.order_id)
    new = []
    for place, (lines, shipping) in enumerate(zip(rows, shippings, strict=True)):
        number = f"{numbered['number']}-{numbers.letter(numbered['parts'] + place)}"
        row = replacement_rows.sub_order(
            sub_order, lines, shipping, number=number, taxes=taxes, now=now
        )
        new.append(await SubOrder.create(**row))
    await OrderLine.bulk_create(
        [
            OrderLine(sub_order_id=part.id, **row)
            for part, lines in zip(new, rows, strict=True)
            for row in lines
        ]
    )
    return new


async def _hand_over(
    sub_order: SubOrder,
    replaced: Sequence[Replaced],
    rows: Sequence[Sequence[Row]],
    new: Sequence[SubOrder],
    made: Made,
    now: datetime,
) -> None:
    """Stock, money and the reason for it."""
    promises = [
        Promise(take.stock_id, row["id"], take.units)
        for part, lines in zip(replaced, rows, strict=True)
        for take, row in zip(part.takes, lines, strict=True)
    ]
    await committing.promise(promises, order_id=sub_order.order_id, now=now)
    into = {part.id: part.total_minor for part in new}
    await moving_shares.move(from_sub_order_id=sub_order.id, into=into, now=now)
    for one, part in zip(replaced, new, strict=True):
        await keeping.keep(
            made, order_id=part.order_id, sub_order_id=part.id, vendor_id=part.vendor_id,
            cause=Cause.REROUTED, now=now,
            taken={str(take.line.id): str(take.stock_id) for take in one.takes},
        )  # fmt: skip


async def _tell(
    sub_order: SubOrder,
    new: Sequence[SubOrder],
    extra: Sequence[int],
    bearer: Bearer,
    reason: str,
    now: datetime,
) -> None:
    moves = [
        Reroute(
            id=new_id(now), order_id=sub_order.order_id, from_sub_order_id=sub_order.id,
            to_sub_order_id=part.id, currency=part.currency, gross_minor=part.total_minor,
            difference_minor=minor, bearer=bearer, reason=reason, at=now,
        )
        for part, minor in zip(new, extra, strict=True)
    ]  # fmt: skip
    await Reroute.bulk_create(moves)
    told = [
        SubOrderRerouted(
            order_id=move.order_id,
            sub_order_id=sub_order.id,
            to_sub_order_id=move.to_sub_order_id,
            reroute_id=move.id,
        )
        for move in moves
    ]
    await events.record(told, now=now)
