"""What customers' banks took back, how far each case is, and who bears it."""

from settlement.reports.report import CURRENCY, Parameter, Report, money, text, time

_QUERY = """
    SELECT dispute.id AS dispute_id, dispute.provider_dispute_id, orders.number AS "order",
        share.vendors, dispute.charge_id, dispute.reason, dispute.state, dispute.status,
        dispute.liable, dispute.currency, dispute.amount_minor AS amount,
        dispute.withdrawn_minor AS withdrawn, dispute.fee_minor AS fee,
        coalesce(share.vendor, 0)::bigint AS vendor_share,
        coalesce(hold.held, 0)::bigint AS on_hold, dispute.opened_at, dispute.evidence_due_at,
        dispute.answered_at, dispute.closed_at
    FROM dispute JOIN orders ON orders.id = dispute.order_id
    LEFT JOIN LATERAL (
        SELECT string_agg(DISTINCT vendor.code, ' ' ORDER BY vendor.code) AS vendors,
            sum(vendor_minor) AS vendor
        FROM dispute_share JOIN vendor ON vendor.id = dispute_share.vendor_id
        WHERE dispute_share.dispute_id = dispute.id
    ) share ON true
    LEFT JOIN LATERAL (
        SELECT sum(amount_minor) AS held FROM money_hold
        WHERE money_hold.dispute_id = dispute.id AND money_hold.state = 'held'
    ) hold ON true
    WHERE ($1::date IS NULL OR (dispute.opened_at AT TIME ZONE 'UTC')::date >= $1)
        AND ($2::date IS NULL OR (dispute.opened_at AT TIME ZONE 'UTC')::date <= $2)
        AND ($3::uuid IS NULL OR EXISTS (SELECT 1 FROM dispute_share
            WHERE dispute_share.dispute_id = dispute.id AND dispute_share.vendor_id = $3))
        AND ($4::text IS NULL OR dispute.currency = $4)
    ORDER BY dispute.opened_at, dispute.id
"""

DISPUTES = Report(
    name="disputes",
    title="Disputes",
    description="Every chargeback: what it is about, what was withdrawn and is on hold, until when "
    "evidence is due, how it ended, and who bears it if it is lost.",
    parameters=(Parameter.FROM, Parameter.TO, Parameter.VENDOR, Parameter.CURRENCY),
    columns=(
        text("dispute_id", "Dispute"),
        text("provider_dispute_id", "Provider's dispute"),
        text("order", "Order"),
        text("vendors", "Vendors"),
        text("charge_id", "Charge"),
        text("reason", "Reason"),
        text("state", "State"),
        text("status", "Provider says"),
        text("liable", "Borne by"),
        CURRENCY,
        money("amount", "Amount"),
        money("withdrawn", "Withdrawn"),
        money("fee", "Fee"),
        money("vendor_share", "Vendors' share"),
        money("on_hold", "On hold"),
        time("opened_at", "Opened"),
        time("evidence_due_at", "Evidence due"),
        time("answered_at", "Answered"),
        time("closed_at", "Closed"),
    ),
    query=_QUERY,
)
