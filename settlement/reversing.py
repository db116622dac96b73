"""The exact negation of a posting, at most once: how an error in the books is put right."""

from datetime import date, datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection
from settlement.ledger import Kind, Purpose

_OPEN_PERIOD = "SELECT ledger_open_period($1)"
_HEADER = """
    INSERT INTO ledger_transaction (id, kind, idempotency_key, fingerprint, effective_date,
        recorded_at, source_type, source_id, reverses_id)
    SELECT $1, $2, $3::text, encode(sha256(convert_to($3::text || fingerprint, 'UTF8')), 'hex'),
        $4, $5, $6, $7, id
    FROM ledger_transaction WHERE id = $8
"""
_ENTRIES = """
    INSERT INTO ledger_entry (transaction_id, account_id, currency, amount_minor, purpose,
        order_id, sub_order_id)
    SELECT $1, account_id, currency, -amount_minor, coalesce($3, purpose), order_id, sub_order_id
    FROM ledger_entry WHERE transaction_id = $2 ORDER BY id
"""


async def post(
    *,
    posting_id: UUID,
    key: str,
    day: date,
    source_type: str,
    source_id: UUID,
    now: datetime,
    purpose: Purpose | None = None,
) -> UUID:
    """Book it in the caller's transaction, dated in a month that is open; its id.

    Each entry is for what it was for, unless a purpose is given. PostgreSQL refuses a second one.
    """
    reversal_id = new_id(now)
    await connection().execute(_OPEN_PERIOD, day)
    await connection().execute(
        _HEADER, reversal_id, Kind.ADJUSTMENT, key, day, now, source_type, source_id, posting_id
    )
    await connection().execute(_ENTRIES, reversal_id, posting_id, purpose)
    return reversal_id
