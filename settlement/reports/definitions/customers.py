"""Money that went back to customers, whose it was, and what the provider keeps of all."""

from settlement.reports.report import (
    CURRENCY,
    Parameter,
    Report,
    count,
    day,
    money,
    percent,
    text,
    time,
)

# `taken_from`: pending before the earning matured, available after it, neither before it earned.
_REFUNDS = """
    SELECT refund.id AS refund_id, orders.number AS "order", refund.requested_at, refund.state,
        refund.reason, refund.requested_by, refund.currency, refund.amount_minor AS amount,
        coalesce(part.vendor, 0)::bigint AS vendor_share,
        coalesce(part.funding, 0)::bigint AS platform_share, coalesce(part.tax, 0)::bigint AS tax,
        coalesce(part.commission, 0)::bigint AS commission_returned,
        coalesce(part.commission_vat, 0)::bigint AS commission_vat_returned,
        booked.taken_from, booked.day AS booked_on, refund.provider_refund_id,
        refund.failure_message, refund.finished_at
    FROM refund JOIN orders ON orders.id = refund.order_id
    LEFT JOIN LATERAL (
        SELECT sum(vendor_minor) AS vendor, -sum(line.funding_minor) AS funding,
            sum(CASE tax_liable WHEN 'platform' THEN line.tax_minor ELSE 0 END) AS tax,
            sum(commission_minor) FILTER (WHERE is_earned) AS commission,
            sum(commission_vat_minor) FILTER (WHERE is_earned) AS commission_vat
        FROM refund_line line JOIN sub_order ON sub_order.id = line.sub_order_id
        WHERE line.refund_id = refund.id
    ) part ON true
    LEFT JOIN LATERAL (
        SELECT min(ledger_transaction.effective_date) AS day,
            string_agg(DISTINCT CASE account.code WHEN '2110' THEN 'pending' WHEN '2120'
                THEN 'available' WHEN '2130' THEN 'reserve' WHEN '2010' THEN 'prepayment' END, ', ')
                AS taken_from
        FROM ledger_transaction JOIN ledger_entry entry
            ON entry.transaction_id = ledger_transaction.id
        JOIN ledger_account account ON account.id = entry.account_id
        WHERE ledger_transaction.source_id = refund.id
            AND ledger_transaction.kind IN ('refund', 'refund_owed')
    ) booked ON true
    WHERE ($1::date IS NULL OR (refund.requested_at AT TIME ZONE 'UTC')::date >= $1)
        AND ($2::date IS NULL OR (refund.requested_at AT TIME ZONE 'UTC')::date <= $2)
        AND ($3::uuid IS NULL OR EXISTS (SELECT 1 FROM refund_line line
            JOIN sub_order ON sub_order.id = line.sub_order_id
            WHERE line.refund_id = refund.id AND sub_order.vendor_id = $3))
        AND ($4::text IS NULL OR refund.currency = $4)
    ORDER BY refund.requested_at, refund.id
"""

REFUNDS = Report(
    name="refunds",
    title="Refunds",
    description="Every refund: what the customer gets, who bears it, the commission that came "
    "back, where it was taken from, and how far the provider is. Vendor's share, platform's share "
    "and tax add up to the amount.",
    parameters=(Parameter.FROM, Parameter.TO, Parameter.VENDOR, Parameter.CURRENCY),
    columns=(
        text("refund_id", "Refund"),
        text("order", "Order"),
        time("requested_at", "Requested"),
        text("state", "State"),
        text("reason", "Reason"),
        text("requested_by", "By"),
        CURRENCY,
        money("amount", "Customer gets"),
        money("vendor_share", "Vendor's share"),
        money("platform_share", "Platform's share"),
        money("tax", "Tax"),
        money("commission_returned", "Commission returned"),
        money("commission_vat_returned", "VAT on it returned"),
        text("taken_from", "Taken from"),
        day("booked_on", "Booked"),
        text("provider_refund_id", "Provider's refund"),
        text("failure_message", "What the provider says"),
        time("finished_at", "Finished"),
    ),
    query=_REFUNDS,
)

# Half up for each charge, by the rate that was valid then; null where none was, or where a fee
# is of something else than a charge.
_FEES = """
    WITH charged AS (
        SELECT capture.id, capture.amount_minor,
            (capture.amount_minor * rate.rate_ppm + 500000) / 1000000 + rate.fixed_minor AS expected
        FROM capture LEFT JOIN LATERAL (
            SELECT rate_ppm, fixed_minor FROM provider_fee_rate
            WHERE currency = capture.currency AND valid_from <= capture.captured_at
            ORDER BY valid_from DESC LIMIT 1) rate ON true
    )
    SELECT date_trunc('month', booked.effective_date)::date AS month, booked.kind AS type,
        entry.currency, count(DISTINCT booked.id) AS count,
        coalesce(sum(charged.amount_minor), 0)::bigint AS base,
        sum(entry.amount_minor)::bigint AS fee,
        CASE WHEN count(*) = count(charged.expected) THEN sum(charged.expected)::bigint END
            AS expected,
        CASE WHEN count(*) = count(charged.expected)
            THEN (sum(entry.amount_minor) - sum(charged.expected))::bigint END AS variance,
        (sum(entry.amount_minor) * 1000000 / nullif(sum(charged.amount_minor), 0))::bigint
            AS effective
    FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
    JOIN ledger_transaction booked ON booked.id = entry.transaction_id
    LEFT JOIN charged ON booked.source_type = 'capture' AND charged.id = booked.source_id
    WHERE account.code IN ('6210', '6220')
        AND ($1::date IS NULL OR booked.effective_date >= $1)
        AND ($2::date IS NULL OR booked.effective_date <= $2)
        AND ($3::text IS NULL OR entry.currency = $3)
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
"""

FEES = Report(
    name="provider-fees",
    title="Provider fees",
    description="What the payment provider kept, by month and by what for; `base` is the money it "
    "was taken of, where that is known, `expected` what the agreed rate makes of each charge.",
    parameters=(Parameter.FROM, Parameter.TO, Parameter.CURRENCY),
    columns=(
        day("month", "Month"),
        text("type", "For"),
        CURRENCY,
        count("count", "Count"),
        money("base", "Base"),
        money("fee", "Fee"),
        money("expected", "Expected"),
        money("variance", "More than expected"),
        percent("effective", "Effective rate"),
    ),
    query=_FEES,
)
