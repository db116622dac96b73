"""What a sale or a refund consists of: order lines, shipping, and what was given back of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from marketplace.kit.money import Money
from marketplace.kit.transactions import connection
from settlement.explaining.nodes import Node, facts, rate
from settlement.explaining.posted import Posted
from settlement.ledger import Purpose

# The lines of a sub-order, its shipping, and what was given back before it was earned (minus).
_SOLD = """
    SELECT 'line' AS part, line.id, line.name, line.sku, line.quantity, line.unit_price_minor,
        line.discount_platform_minor, line.discount_vendor_minor, line.net_minor, line.tax_ppm,
        line.gross_minor, line.funding_minor, line.vendor_minor, line.commission_minor,
        line.commission_vat_minor, line.commission_ppm, rule.version AS rule_version,
        rule.vendor_id IS NOT NULL AS rule_is_own, rule.category AS rule_category,
        rule.vat_ppm AS rule_vat_ppm, line.tax_minor AS all_tax_minor,
        CASE sub_order.tax_liable WHEN 'platform' THEN line.tax_minor ELSE 0 END AS tax_minor,
        line.position
    FROM order_line line JOIN sub_order ON sub_order.id = line.sub_order_id
    LEFT JOIN commission_rule rule ON rule.id = line.commission_rule_id
    WHERE sub_order.id = $1
    UNION ALL
    SELECT 'shipping', id, 'Shipping', NULL, NULL, NULL, NULL, NULL, shipping_net_minor,
        shipping_tax_ppm, shipping_gross_minor, shipping_funding_minor, shipping_vendor_minor,
        0, 0, NULL, NULL, NULL, NULL, NULL, shipping_tax_minor,
        CASE tax_liable WHEN 'platform' THEN shipping_tax_minor ELSE 0 END, 1000000
    FROM sub_order WHERE id = $1
    ORDER BY position
"""
_GIVEN_BACK = """
    SELECT 'refund' AS part, line.id, coalesce(sold.name, 'Shipping') AS name, sold.sku,
        line.quantity, line.gross_minor, line.funding_minor, line.vendor_minor,
        line.commission_minor, line.commission_vat_minor, line.is_earned, line.refund_id,
        sold.commission_ppm, rule.version AS rule_version, refund.reason, refund.state,
        refund.provider_refund_id, line.tax_minor AS all_tax_minor,
        CASE sub_order.tax_liable WHEN 'platform' THEN line.tax_minor ELSE 0 END AS tax_minor
    FROM refund_line line JOIN sub_order ON sub_order.id = line.sub_order_id
    LEFT JOIN order_line sold ON sold.id = line.line_id
    LEFT JOIN commission_rule rule ON rule.id = sold.commission_rule_id
    LEFT JOIN refund ON refund.id = line.refund_id
    WHERE line.sub_order_id = $1
    ORDER BY line.id
"""
_COMPONENTS = {
    Purpose.DISCOUNT: "funding_minor",
    Purpose.TAX: "tax_minor",
    Purpose.COMMISSION: "commission_minor",
    Purpose.COMMISSION_VAT: "commission_vat_minor",
}


async def of_an_earning(entry: Posted) -> list[Node] | None:
    """By line and shipping, less what was given back before; None if that is not the amount."""
    component = _component(entry)
    sold = await connection().fetch(_SOLD, entry.sub_order_id)
    back = await connection().fetch(_GIVEN_BACK, entry.sub_order_id)
    before = [row for row in back if not row["is_earned"]]
    total = _total(sold, component) - _total(before, component)
    if component is None or abs(total) != abs(entry.minor):
        return None
    sign = 1 if total == entry.minor else -1
    return [
        *_nodes(sold, component, sign, entry.currency, _sale),
        *_nodes(before, component, -sign, entry.currency, _refund),
    ]


async def of_a_refund(entry: Posted) -> list[Node] | None:
    """By refund line: those that were earned, or those that were not, whichever it booked."""
    component = _component(entry)
    rows = [
        row
        for row in await connection().fetch(_GIVEN_BACK, entry.sub_order_id)
        if row["refund_id"] == entry.source_id
    ]
    earned = [row for row in rows if row["is_earned"]]
    for booked in (earned, [row for row in rows if not row["is_earned"]], rows):
        total = _total(booked, component)
        if component is not None and booked and abs(total) == abs(entry.minor):
            sign = 1 if total == entry.minor else -1
            return _nodes(booked, component, sign, entry.currency, _refund)
    return None


def _component(entry: Posted) -> str | None:
    purpose = Purpose(entry.purpose)
    if purpose is Purpose.SALE:
        return "vendor_minor" if entry.vendor_id is not None else "gross_minor"
    return _COMPONENTS.get(purpose)


def _total(rows: Sequence[Mapping[str, Any]], component: str | None) -> int:
    return 0 if component is None else sum(row[component] for row in rows)


def _nodes(
    rows: Sequence[Mapping[str, Any]],
    component: str,
    sign: int,
    currency: str,
    describe: Callable[[Mapping[str, Any], Money], Node],
) -> list[Node]:
    return [describe(row, Money(sign * row[component], currency)) for row in rows if row[component]]


def _sale(row: Mapping[str, Any], amount: Money) -> Node:
    def money(name: str) -> Money | None:
        return Money(row[name], amount.currency) if row[name] else None

    return Node(
        kind=row["part"],
        title=row["name"],
        id=str(row["id"]),
        amount=amount,
        facts=facts(
            sku=row["sku"],
            quantity=row["quantity"],
            unit_price=money("unit_price_minor"),
            own_discount=money("discount_vendor_minor"),
            platform_discount=money("discount_platform_minor"),
            net=money("net_minor"),
            tax=money("all_tax_minor"),
            tax_rate=rate(row["tax_ppm"]),
            customer_paid=money("gross_minor"),
            entitlement=money("vendor_minor"),
            commission=money("commission_minor"),
            commission_rate=rate(row["commission_ppm"]),
            commission_rule=_rule(row),
            commission_vat=money("commission_vat_minor"),
            commission_vat_rate=rate(row["rule_vat_ppm"]),
        ),
    )


def _rule(row: Mapping[str, Any]) -> str | None:
    if row["rule_version"] is None:
        return None
    whose = "of the vendor" if row["rule_is_own"] else "of the marketplace"
    of_what = f", {row['rule_category']}" if row["rule_category"] else ""
    return f"{whose}{of_what}, version {row['rule_version']}"


def _refund(row: Mapping[str, Any], amount: Money) -> Node:
    return Node(
        kind="refund",
        title=f"Refund of {row['name']}",
        id=str(row["refund_id"]),
        amount=amount,
        facts=facts(
            sku=row["sku"],
            quantity=row["quantity"] or None,
            customer_got=Money(row["gross_minor"], amount.currency),
            tax=Money(row["all_tax_minor"], amount.currency),
            commission_rate=rate(row["commission_ppm"]),
            commission_rule_version=row["rule_version"],
            reason=row["reason"],
            state=row["state"],
            provider_refund=row["provider_refund_id"],
        ),
    )
