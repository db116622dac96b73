"""The payment tables and the books as text: everything but ids of ours and times of booking.

A row that an event made is named by the provider's id of what it is about.
"""

from typing import Any

_NAMED = """
    WITH named AS (
        SELECT id::text AS id, charge_id AS name FROM capture
        UNION ALL SELECT id::text, provider_dispute_id FROM dispute
        UNION ALL SELECT money_hold.id::text, concat_ws(' ', provider_dispute_id, sub_order_id)
            FROM money_hold JOIN dispute ON dispute.id = dispute_id
    )
"""
_BOOKS = f"""{_NAMED}
    SELECT coalesce(replace(idempotency_key, named.id, named.name), idempotency_key) AS key,
        effective_date, code, account.vendor_id, account.currency, entry.amount_minor,
        entry.purpose, entry.order_id, entry.sub_order_id
    FROM ledger_entry entry
    JOIN ledger_account account ON account.id = entry.account_id
    JOIN ledger_transaction posting ON posting.id = entry.transaction_id
    LEFT JOIN named ON named.id = posting.source_id::text
    ORDER BY 1, 3, 4, 6, 7, 9
"""
_TABLES = {
    "sums": "SELECT code, account.vendor_id, account.currency, sum(amount_minor) FROM ledger_entry"
    " JOIN ledger_account account ON account.id = account_id GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "payment": "SELECT order_id, amount_minor, captured_minor, refund_claimed_minor,"
    " refunded_minor, disputed_minor FROM payment ORDER BY 1",
    "payment_allocation": "SELECT sub_order_id, captured_minor, refund_claimed_minor,"
    " refunded_minor, disputed_minor FROM payment_allocation ORDER BY 1",
    "payment_attempt": "SELECT id, generation, state, payment_method FROM payment_attempt"
    " ORDER BY 1",
    "capture": "SELECT charge_id, payment_id, amount_minor, currency, fee_minor FROM capture"
    " ORDER BY 1",
    "refund": "SELECT id, state, amount_minor, generation, provider_refund_id, failure_message"
    " FROM refund ORDER BY 1",
    "sub_order": "SELECT id, state FROM sub_order ORDER BY 1",
    "dispute": "SELECT provider_dispute_id, order_id, charge_id, state, status, amount_minor,"
    " withdrawn_minor, fee_minor, reason, evidence_due_at, opened_at FROM dispute ORDER BY 1",
    "dispute_share": "SELECT provider_dispute_id, sub_order_id, gross_minor, funding_minor,"
    " vendor_minor, tax_minor, commission_minor, commission_vat_minor, prepaid_minor"
    " FROM dispute_share JOIN dispute ON dispute.id = dispute_id ORDER BY 1, 2",
    "hold": "SELECT provider_dispute_id, sub_order_id, money_hold.amount_minor, taken_from,"
    " money_hold.state FROM money_hold JOIN dispute ON dispute.id = dispute_id ORDER BY 1, 2",
    "payout": "SELECT id, state, transfer_id, attempt, provider_payout_id, arrival_date, trace_id,"
    " failure_code, failure_message, transfer_generation FROM payout ORDER BY 1",
    "operation": "SELECT key, state, result_id FROM provider_operation ORDER BY 1",
    "connected_account": "SELECT vendor_id, provider_account_id, state, transfers_enabled,"
    " payouts_enabled, requirements, bank_id, bank_last4 FROM connected_account ORDER BY 1",
    "books": _BOOKS,
}


async def written(connection: Any) -> str:
    """One line for each row, in the order of the rows' own contents."""
    lines = []
    for name, sql in _TABLES.items():
        for row in await connection.fetch(sql):
            lines.append(" | ".join([name, *(str(value) for value in row.values())]))
    return "\n".join(lines)
