"""Every amount behind every statement, down to the entry it was booked with."""

from settlement.reports.pieces import PIECES
from settlement.reports.report import CURRENCY, Parameter, Report, count, day, money, text

_QUERY = f"""
    WITH chosen AS (
        SELECT statement.* FROM statement
        WHERE ($1::date IS NULL OR (statement.cut_off AT TIME ZONE 'UTC')::date >= $1)
            AND ($2::date IS NULL OR (statement.cut_off AT TIME ZONE 'UTC')::date <= $2)
            AND ($3::uuid IS NULL OR statement.vendor_id = $3)
            AND ($4::text IS NULL OR statement.currency = $4)
    ), {PIECES}
    SELECT vendor.code AS vendor, chosen.number AS statement, piece.effective_date AS day,
        orders.number AS "order", sub_order.number AS sub_order, piece.heading AS type,
        piece.kind || ', ' || replace(piece.purpose, '_', ' ') AS description, piece.currency,
        piece.amount::bigint AS amount, piece.entry_id, piece.line_id AS available_entry_id,
        piece.matured_on, payout.id AS payout_id, payout.transfer_id, payout.provider_payout_id,
        capture.charge_id
    FROM piece JOIN chosen ON chosen.id = piece.statement_id
    JOIN vendor ON vendor.id = chosen.vendor_id
    LEFT JOIN orders ON orders.id = piece.order_id
    LEFT JOIN sub_order ON sub_order.id = piece.sub_order_id
    LEFT JOIN payout ON payout.statement_id = chosen.id
    LEFT JOIN LATERAL (
        SELECT string_agg(charge_id, ' ' ORDER BY captured_at) AS charge_id
        FROM capture WHERE capture.order_id = piece.order_id
    ) capture ON true
    ORDER BY vendor.code, piece.currency, chosen.number, piece.line_id, piece.entry_id
"""

LINES = Report(
    name="settlement-lines",
    title="Settlement lines",
    description="Every entry behind every statement, with its order, the payout that paid it and "
    "the provider's names for them. The lines of a statement add up to closing less opening.",
    parameters=(Parameter.FROM, Parameter.TO, Parameter.VENDOR, Parameter.CURRENCY),
    columns=(
        text("vendor", "Vendor"),
        count("statement", "Statement"),
        day("day", "Day"),
        text("order", "Order"),
        text("sub_order", "Sub-order"),
        text("type", "Type"),
        text("description", "Description"),
        CURRENCY,
        money("amount", "Amount"),
        count("entry_id", "Entry"),
        count("available_entry_id", "Available by entry"),
        day("matured_on", "Matured on"),
        text("payout_id", "Payout"),
        text("transfer_id", "Transfer"),
        text("provider_payout_id", "Provider's payout"),
        text("charge_id", "Charge"),
    ),
    query=_QUERY,
    is_for_vendors=True,
)
