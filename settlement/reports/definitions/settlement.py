"""What each vendor was owed in each cycle, and what became of it."""

from settlement.reports.pieces import PIECES, SOLD
from settlement.reports.report import CURRENCY, Parameter, Report, count, day, money, text

_QUERY = f"""
    WITH chosen AS (
        SELECT statement.* FROM statement
        WHERE ($1::date IS NULL OR (statement.cut_off AT TIME ZONE 'UTC')::date >= $1)
            AND ($2::date IS NULL OR (statement.cut_off AT TIME ZONE 'UTC')::date <= $2)
            AND ($3::uuid IS NULL OR statement.vendor_id = $3)
            AND ($4::text IS NULL OR statement.currency = $4)
    ), {PIECES} {SOLD}, split AS (
        SELECT piece.statement_id, piece.heading, piece.amount
        FROM piece WHERE piece.heading <> 'sales'
        UNION ALL
        SELECT piece.statement_id, part.heading, part.amount
        FROM piece JOIN sold ON sold.sub_order_id = piece.sub_order_id
        CROSS JOIN LATERAL (VALUES
            ('gross_sales', piece.amount - sold.shipping - sold.tax - sold.discount),
            ('shipping', sold.shipping), ('tax', sold.tax), ('vendor_discounts', sold.discount)
        ) part (heading, amount)
        WHERE piece.heading = 'sales'
    ), total AS (
        SELECT statement_id,
            sum(amount) FILTER (WHERE heading = 'gross_sales') AS gross_sales,
            sum(amount) FILTER (WHERE heading = 'vendor_discounts') AS vendor_discounts,
            sum(amount) FILTER (WHERE heading = 'shipping') AS shipping,
            sum(amount) FILTER (WHERE heading = 'tax') AS tax,
            sum(amount) FILTER (WHERE heading = 'commission') AS commission,
            sum(amount) FILTER (WHERE heading = 'commission_vat') AS commission_vat,
            sum(amount) FILTER (WHERE heading = 'fees') AS fees,
            sum(amount) FILTER (WHERE heading = 'refunds') AS refunds,
            sum(amount) FILTER (WHERE heading = 'commission_returned') AS commission_returned,
            sum(amount) FILTER (WHERE heading = 'disputes') AS disputes,
            sum(amount) FILTER (WHERE heading = 'penalties') AS penalties,
            sum(amount) FILTER (WHERE heading = 'adjustments') AS adjustments,
            sum(amount) FILTER (WHERE heading = 'reserve_held') AS reserve_held,
            sum(amount) FILTER (WHERE heading = 'reserve_released') AS reserve_released,
            sum(amount) FILTER (WHERE heading = 'other') AS other,
            coalesce(sum(amount) FILTER (WHERE heading <> 'paid_out'), 0) AS net,
            coalesce(sum(amount) FILTER (WHERE heading = 'paid_out'), 0) AS paid_out
        FROM split GROUP BY statement_id
    )
    SELECT vendor.code AS vendor, vendor.name AS vendor_name, batch.cycle,
        (chosen.cut_off AT TIME ZONE 'UTC')::date AS cut_off, chosen.number AS statement,
        chosen.currency, chosen.opening_minor AS opening,
        coalesce(gross_sales, 0)::bigint AS gross_sales,
        coalesce(vendor_discounts, 0)::bigint AS vendor_discounts,
        coalesce(shipping, 0)::bigint AS shipping, coalesce(tax, 0)::bigint AS tax_passed_on,
        coalesce(commission, 0)::bigint AS commission,
        coalesce(commission_vat, 0)::bigint AS commission_vat, coalesce(fees, 0)::bigint AS fees,
        coalesce(refunds, 0)::bigint AS refunds,
        coalesce(commission_returned, 0)::bigint AS commission_returned,
        coalesce(disputes, 0)::bigint AS disputes, coalesce(penalties, 0)::bigint AS penalties,
        coalesce(adjustments, 0)::bigint AS adjustments,
        coalesce(reserve_held, 0)::bigint AS reserve_held,
        coalesce(reserve_released, 0)::bigint AS reserve_released,
        coalesce(other, 0)::bigint AS other, coalesce(net, 0)::bigint AS net,
        coalesce(paid_out, 0)::bigint AS paid_out, chosen.closing_minor AS closing,
        (chosen.closing_minor - chosen.opening_minor - coalesce(net, 0)
            - coalesce(paid_out, 0))::bigint AS difference
    FROM chosen JOIN vendor ON vendor.id = chosen.vendor_id
    LEFT JOIN payout_batch batch ON batch.id = chosen.batch_id
    LEFT JOIN total ON total.statement_id = chosen.id
    ORDER BY vendor.code, chosen.currency, chosen.number
"""

SETTLEMENT = Report(
    name="settlement",
    title="Settlement per vendor and cycle",
    description="One row for each statement. Opening, plus what was sold, taken off, given back "
    "and paid out, is the closing balance; the difference is zero.",
    parameters=(Parameter.FROM, Parameter.TO, Parameter.VENDOR, Parameter.CURRENCY),
    columns=(
        text("vendor", "Vendor"),
        text("vendor_name", "Name"),
        text("cycle", "Cycle"),
        day("cut_off", "Cut-off"),
        count("statement", "Statement"),
        CURRENCY,
        money("opening", "Opening"),
        money("gross_sales", "Gross sales"),
        money("vendor_discounts", "Own discounts"),
        money("shipping", "Shipping"),
        money("tax_passed_on", "Tax passed on"),
        money("commission", "Commission"),
        money("commission_vat", "VAT on commission"),
        money("fees", "Fees"),
        money("refunds", "Refunds"),
        money("commission_returned", "Commission returned"),
        money("disputes", "Disputes"),
        money("penalties", "Penalties"),
        money("adjustments", "Adjustments"),
        money("reserve_held", "Reserve held"),
        money("reserve_released", "Reserve released"),
        money("other", "Other"),
        money("net", "Net"),
        money("paid_out", "Paid out"),
        money("closing", "Closing"),
        money("difference", "Difference"),
    ),
    query=_QUERY,
    is_for_vendors=True,
)
