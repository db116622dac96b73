"""Commission is frozen at placement, and refunds give back their exact share of everything."""

from settlement.invariants.check import Check


def _half_up(amount: str, numerator: str, denominator: str) -> str:
    """SQL for the share of an amount, rounded half away from zero, as kit/money.py does it."""
    return (
        f"sign({amount}) * div(2 * abs({amount})::numeric * {numerator} + {denominator},"
        f" 2 * {denominator})"
    )


_FROZEN = f"""
    SELECT sub_order.number || ' line ' || line.position AS subject,
        format('commission %s with VAT %s; at %s ppm of %s it is %s with %s', commission_minor,
            commission_vat_minor, commission_ppm, base, commission, vat) AS detail
    FROM order_line line
    JOIN sub_order ON sub_order.id = line.sub_order_id
    LEFT JOIN commission_rule rule ON rule.id = line.commission_rule_id
    CROSS JOIN LATERAL (SELECT net_minor + funding_minor AS base) frozen
    CROSS JOIN LATERAL (SELECT
        {_half_up("base", "commission_ppm", "1000000")} AS commission,
        {_half_up("commission_minor", "rule.vat_ppm", "1000000")} AS vat) again
    WHERE (commission, vat) IS DISTINCT FROM
        (commission_minor::numeric, commission_vat_minor::numeric)
"""

# Each is rounded by itself; the vendor's part is what the others leave, so that nothing is lost.
_PARTS = ("gross", "tax", "funding", "vendor", "commission", "commission_vat")
_SHARES = ", ".join(
    _half_up(f"line.{part}_minor", "back.units", "line.quantity") + f" AS {part}"
    for part in _PARTS
    if part != "vendor"
)
_SUMS = ", ".join(f"sum({part}_minor) AS {part}" for part in _PARTS)
_BACK = f"ROW({', '.join(f'back.{part}' for part in _PARTS)})"
_SHARE = f"ROW({', '.join(f'share.{part}' for part in _PARTS)})"
_WHOLE = f"ROW({', '.join(f'line.{part}_minor' for part in _PARTS)})"
_COUNTED = f"ROW(line.refunded_minor, {', '.join(f'refunded_{part}_minor' for part in _PARTS[1:])})"
# Amounts have no share that rows alone could tell; what they must keep is the sum.
_EXACT = f"""
    SELECT sub_order.number || ' line ' || line.position AS subject,
        format('%s of %s units and an amount of %s gave back %s, counted %s, their share is %s',
            back.units, line.quantity, back.amount, {_BACK}, {_COUNTED}, {_SHARE}) AS detail
    FROM (
        SELECT line_id, sum(quantity) AS units, {_SUMS},
            coalesce(sum(gross_minor) FILTER (WHERE quantity = 0), 0) AS amount
        FROM refund_line WHERE line_id IS NOT NULL GROUP BY line_id
    ) back
    JOIN order_line line ON line.id = back.line_id
    JOIN sub_order ON sub_order.id = line.sub_order_id
    CROSS JOIN LATERAL (SELECT {_SHARES}) rounded
    CROSS JOIN LATERAL (SELECT rounded.*, rounded.gross + rounded.funding
        - CASE tax_liable WHEN 'platform' THEN rounded.tax ELSE 0 END AS vendor) share
    WHERE {_BACK} <> {_COUNTED} OR back.units > line.quantity
        OR (line.refunded, line.refunded_by_amount_minor) <> (back.units, back.amount)
        OR back.amount = 0 AND {_BACK} <> {_SHARE}
        OR (back.units = line.quantity OR back.amount > 0 AND back.gross = line.gross_minor)
            AND {_BACK} <> {_WHOLE}
"""

_SHIPPING = """
    SELECT sub_order.number AS subject,
        format('shipping of %s (tax %s, vendor %s) gave back %s (%s, %s), counted %s',
            shipping_gross_minor, shipping_tax_minor, shipping_vendor_minor, gross, tax, vendor,
            shipping_refunded_minor) AS detail
    FROM sub_order JOIN (
        SELECT sub_order_id, sum(gross_minor) AS gross, sum(tax_minor) AS tax,
            sum(vendor_minor) AS vendor, sum(funding_minor) AS funding,
            sum(abs(commission_minor) + abs(commission_vat_minor)) AS other
        FROM refund_line WHERE line_id IS NULL GROUP BY sub_order_id
    ) back ON back.sub_order_id = sub_order.id
    WHERE shipping_refunded_minor <> gross OR gross > shipping_gross_minor OR other <> 0
        OR (gross = shipping_gross_minor
            AND (tax, vendor, funding)
                <> (shipping_tax_minor, shipping_vendor_minor, shipping_funding_minor))
"""

CHECKS = (
    Check(
        "commission-is-frozen",
        "A line's commission is its stored rate of what the sale is worth, rounded half up once.",
        _FROZEN,
    ),
    Check(
        "refunds-return-exactly",
        "Units refunded of a line gave back exactly their share of each component; with amounts"
        " among them they are counted right, and all of it is exactly all of it.",
        _EXACT,
    ),
    Check(
        "shipping-returns-exactly",
        "Shipping that was refunded gave back its tax and the vendor's part, and no more.",
        _SHIPPING,
    ),
)
