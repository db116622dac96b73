"""Book what a vendor has earned when the last live unit of a sub-order has left."""

from datetime import date, datetime
from uuid import UUID

from marketplace.kit.transactions import connection
from settlement import chart, ledger
from settlement.components import Components
from settlement.ledger import Kind

# Lines and shipping, less what was given back before anything was earned.
_EARNED = """
    WITH part AS (
        SELECT gross_minor, funding_minor, vendor_minor, tax_minor, commission_minor,
            commission_vat_minor
        FROM order_line WHERE sub_order_id = $1
        UNION ALL
        SELECT shipping_gross_minor, 0, shipping_vendor_minor, shipping_tax_minor, 0, 0
        FROM sub_order WHERE id = $1
        UNION ALL
        SELECT -gross_minor, -funding_minor, -vendor_minor, -tax_minor, -commission_minor,
            -commission_vat_minor
        FROM refund_line WHERE sub_order_id = $1 AND NOT is_earned
    ), total AS (
        SELECT sum(gross_minor)::bigint AS gross, sum(funding_minor)::bigint AS funding,
            sum(vendor_minor)::bigint AS vendor, sum(tax_minor)::bigint AS tax,
            sum(commission_minor)::bigint AS commission,
            sum(commission_vat_minor)::bigint AS commission_vat
        FROM part
    )
    SELECT sub_order.order_id, sub_order.id AS sub_order_id, sub_order.vendor_id,
        sub_order.currency, gross, funding, vendor, commission, commission_vat,
        CASE tax_liable WHEN 'platform' THEN tax ELSE 0 END AS tax
    FROM sub_order, total WHERE sub_order.id = $1
"""


async def book_earning(*, sub_order_id: UUID, effective_date: date, now: datetime) -> None:
    """One earning for a sub-order, commission and the tax on it included.

    A refund asked for after this day reverses part of it; one asked for before is not in it.
    """
    row = await connection().fetchrow(_EARNED, sub_order_id)
    assert row is not None, sub_order_id
    await ledger.post(
        kind=Kind.EARNING,
        key=f"earning:{sub_order_id}",
        effective_date=effective_date,
        source_type="sub_order",
        source_id=sub_order_id,
        entries=Components(**row).earned(paid_from=chart.CUSTOMER_PREPAYMENTS),
        now=now,
    )
