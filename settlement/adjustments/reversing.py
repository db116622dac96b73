"""The exact negation of a posting, at most once: how an error in the books is put right."""

from datetime import datetime

from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection
from settlement.adjustments.models import Adjustment
from settlement.ledger import Kind

_OPEN_PERIOD = "SELECT ledger_open_period($1)"
_HEADER = """
    INSERT INTO ledger_transaction (id, kind, idempotency_key, fingerprint, effective_date,
        recorded_at, source_type, source_id, reverses_id)
    SELECT $1, $2, $3::text, encode(sha256(convert_to($3::text || fingerprint, 'UTF8')), 'hex'),
        $4, $5, 'adjustment', $6, id
    FROM ledger_transaction WHERE id = $7
"""
_ENTRIES = """
    INSERT INTO ledger_entry (transaction_id, account_id, currency, amount_minor, purpose,
        order_id, sub_order_id)
    SELECT $1, account_id, currency, -amount_minor, purpose, order_id, sub_order_id
    FROM ledger_entry WHERE transaction_id = $2 ORDER BY id
"""


async def post(adjustment: Adjustment, *, now: datetime) -> None:
    """Book it in the caller's transaction, dated in a month that is open."""
    posting_id = new_id(now)
    await connection().execute(_OPEN_PERIOD, adjustment.effective_date)
    await connection().execute(
        _HEADER, posting_id, Kind.ADJUSTMENT, f"adjustment:{adjustment.id}",
        adjustment.effective_date, now, adjustment.id, adjustment.reverses_id,
    )  # fmt: skip
    await connection().execute(_ENTRIES, posting_id, adjustment.reverses_id)
