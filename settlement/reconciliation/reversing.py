"""Take a posting back by its exact negation, at most once."""

from datetime import date, datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection
from settlement.adjustments.errors import NotReversible
from settlement.ledger import Kind, Purpose
from settlement.reconciliation import booking
from settlement.reconciliation.booking import Source

_POSTING = """
    SELECT effective_date, EXISTS (SELECT 1 FROM ledger_transaction later
        WHERE later.reverses_id = posting.id) AS is_reversed
    FROM ledger_transaction posting WHERE id = $1
"""
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
    SELECT $1, account_id, currency, -amount_minor, $3, order_id, sub_order_id
    FROM ledger_entry WHERE transaction_id = $2 ORDER BY id
"""


async def reverse(*, posting_id: UUID, source: Source, now: datetime) -> UUID:
    """Book the negation of each entry, in the caller's transaction; the id of the new posting.

    Dated as the posting is, or today where its month is closed. Refuses NotReversible.
    """
    posting = await connection().fetchrow(_POSTING, posting_id)
    if posting is None or posting["is_reversed"]:
        raise NotReversible("it was reversed before" if posting else "it does not exist")
    day, is_late = await booking.dated(posting["effective_date"], now=now)
    return await _post(posting_id, source, day, is_late, now)


async def _post(posting_id: UUID, source: Source, day: date, is_late: bool, now: datetime) -> UUID:
    reversal_id = new_id(now)
    await connection().execute(_OPEN_PERIOD, day)
    await connection().execute(
        _HEADER,
        reversal_id,
        Kind.ADJUSTMENT,
        f"reversal:{posting_id}",
        day,
        now,
        source.type,
        source.id,
        posting_id,
    )
    purpose = Purpose.PRIOR_PERIOD if is_late else Purpose.CORRECTION
    await connection().execute(_ENTRIES, reversal_id, posting_id, purpose)
    return reversal_id
