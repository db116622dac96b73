"""Take a posting back by its exact negation, at most once."""

from datetime import datetime
from uuid import UUID

from marketplace.kit.transactions import connection
from settlement import reversing
from settlement.adjustments.errors import NotReversible
from settlement.ledger import Purpose
from settlement.reconciliation import booking
from settlement.reconciliation.booking import Source

_POSTING = """
    SELECT effective_date, EXISTS (SELECT 1 FROM ledger_transaction later
        WHERE later.reverses_id = posting.id) AS is_reversed
    FROM ledger_transaction posting WHERE id = $1
"""


async def reverse(*, posting_id: UUID, source: Source, now: datetime) -> UUID:
    """Book the negation of each entry, in the caller's transaction; the id of the new posting.

    Dated as the posting is, or today where its month is closed. Refuses NotReversible.
    """
    posting = await connection().fetchrow(_POSTING, posting_id)
    if posting is None or posting["is_reversed"]:
        raise NotReversible("it was reversed before" if posting else "it does not exist")
    day, is_late = await booking.dated(posting["effective_date"], now=now)
    return await reversing.post(
        posting_id=posting_id,
        key=f"reversal:{posting_id}",
        day=day,
        source_type=source.type,
        source_id=source.id,
        purpose=Purpose.PRIOR_PERIOD if is_late else Purpose.CORRECTION,
        now=now,
    )
