"""Take a posting back by its exact negation."""

from datetime import datetime
from uuid import UUID

from marketplace.kit.transactions import connection
from settlement.chart import Account
from settlement.ledger import Entry, Kind, Purpose
from settlement.models import AccountKind
from settlement.reconciliation import booking
from settlement.reconciliation.booking import Source

_ENTRIES = """
    SELECT account.code, account.kind, account.vendor_id, entry.currency, entry.amount_minor,
        entry.order_id, entry.sub_order_id
    FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
    WHERE entry.transaction_id = $1 ORDER BY entry.id
"""
_DAY = "SELECT effective_date FROM ledger_transaction WHERE id = $1"


async def reverse(*, posting_id: UUID, source: Source, now: datetime) -> UUID | None:
    """Book the negation of each entry, once for each posting, in the caller's transaction."""
    entries = [
        Entry(
            account=Account(row["code"], AccountKind(row["kind"]), row["vendor_id"]),
            amount_minor=-row["amount_minor"],
            currency=row["currency"],
            purpose=Purpose.CORRECTION,
            order_id=row["order_id"],
            sub_order_id=row["sub_order_id"],
        )
        for row in await connection().fetch(_ENTRIES, posting_id)
    ]
    return await booking.book_entries(
        kind=Kind.ADJUSTMENT,
        key=f"reversal:{posting_id}",
        day=await connection().fetchval(_DAY, posting_id),
        source=source,
        entries=entries,
        now=now,
    )
