"""Who was paid in a run, how far each payout has come, and who was left out."""

from settlement.reports.report import CURRENCY, Parameter, Report, count, day, money, text, time

_ASKED = (
    Parameter.BATCH,
    Parameter.FROM,
    Parameter.TO,
    Parameter.VENDOR,
    Parameter.CURRENCY,
)
_CHOSEN = """
    ($1::int IS NULL OR batch.number = $1)
    AND ($2::date IS NULL OR (batch.cut_off AT TIME ZONE 'UTC')::date >= $2)
    AND ($3::date IS NULL OR (batch.cut_off AT TIME ZONE 'UTC')::date <= $3)
"""

_PAYOUTS = f"""
    SELECT batch.number AS batch, batch.cycle, batch.state AS batch_state, vendor.code AS vendor,
        vendor.name AS vendor_name, payout.currency, payout.amount_minor AS amount,
        payout.taken_back_minor AS taken_back, payout.state,
        statement.number AS statement, payout.id AS payout_id, payout.transfer_id,
        payout.provider_payout_id, payout.attempt, payout.arrival_date AS arrival,
        payout.trace_id, payout.paid_at, payout.final_at, payout.failure_code,
        payout.failure_message,
        coalesce(yes.people[1], CASE WHEN batch.state = 'approved' THEN 'system' END) AS approver_1,
        yes.people[2] AS approver_2
    FROM payout JOIN payout_batch batch ON batch.id = payout.batch_id
    JOIN vendor ON vendor.id = payout.vendor_id
    LEFT JOIN statement ON statement.id = payout.statement_id
    LEFT JOIN LATERAL (
        SELECT array_agg(approved_by ORDER BY approved_at) AS people
        FROM payout_approval WHERE payout_approval.batch_id = batch.id
    ) yes ON true
    WHERE {_CHOSEN} AND ($4::uuid IS NULL OR payout.vendor_id = $4)
        AND ($5::text IS NULL OR payout.currency = $5)
    ORDER BY batch.number, vendor.code, payout.currency
"""

PAYOUTS = Report(
    name="payouts",
    title="Payout run",
    description="Every payout of a batch: amount, state, the provider's names for transfer and "
    "payout, the bank's trace, what went wrong, and who agreed.",
    parameters=_ASKED,
    columns=(
        count("batch", "Batch"),
        text("cycle", "Cycle"),
        text("batch_state", "Batch is"),
        text("vendor", "Vendor"),
        text("vendor_name", "Name"),
        CURRENCY,
        money("amount", "Amount"),
        money("taken_back", "Taken back"),
        text("state", "State"),
        count("statement", "Statement"),
        text("payout_id", "Payout"),
        text("transfer_id", "Transfer"),
        text("provider_payout_id", "Provider's payout"),
        count("attempt", "Attempt"),
        day("arrival", "Arrival"),
        text("trace_id", "Trace"),
        time("paid_at", "Paid"),
        time("final_at", "Final"),
        text("failure_code", "Failure"),
        text("failure_message", "What the provider says"),
        text("approver_1", "Approved by"),
        text("approver_2", "And by"),
    ),
    query=_PAYOUTS,
)

_SKIPPED = f"""
    SELECT batch.number AS batch, batch.cycle, vendor.code AS vendor, vendor.name AS vendor_name,
        skipped.currency, skipped.available_minor AS available, skipped.reason, skipped.detail,
        batch.cut_off, (SELECT min(earlier.cut_off) FROM skipped_payout was
            JOIN payout_batch earlier ON earlier.id = was.batch_id
            WHERE was.vendor_id = skipped.vendor_id AND was.currency = skipped.currency
                AND earlier.cut_off > coalesce((SELECT max(last.cut_off) FROM payout
                    JOIN payout_batch last ON last.id = payout.batch_id
                    WHERE payout.vendor_id = skipped.vendor_id AND last.cut_off < batch.cut_off
                        AND payout.currency = skipped.currency), '-infinity')) AS since
    FROM skipped_payout skipped JOIN payout_batch batch ON batch.id = skipped.batch_id
    JOIN vendor ON vendor.id = skipped.vendor_id
    WHERE {_CHOSEN} AND ($4::uuid IS NULL OR skipped.vendor_id = $4)
        AND ($5::text IS NULL OR skipped.currency = $5)
    ORDER BY batch.number, vendor.code, skipped.currency
"""

SKIPPED = Report(
    name="skipped-payouts",
    title="Skipped payouts",
    description="Vendors that a run did not pay, why, and since which run they have waited.",
    parameters=_ASKED,
    columns=(
        count("batch", "Batch"),
        text("cycle", "Cycle"),
        text("vendor", "Vendor"),
        text("vendor_name", "Name"),
        CURRENCY,
        money("available", "Available"),
        text("reason", "Reason"),
        text("detail", "Detail"),
        time("cut_off", "Cut-off"),
        time("since", "Unpaid since"),
    ),
    query=_SKIPPED,
)
