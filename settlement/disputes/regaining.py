"""A dispute that was lost is won after all: who bore the loss has it back, to the cent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.transactions import connection
from settlement import chart, ledger
from settlement.chart import Account
from settlement.disputes import booking, holding
from settlement.disputes.models import Dispute, DisputeShare
from settlement.earnings.models import EarningState
from settlement.ledger import Entry, Posting, Purpose

# Also what was earned after the loss, which paid the prepayment back. What was left at the end
# evens itself out.
_BORNE = """
    SELECT account.code, account.vendor_id, entry.sub_order_id, entry.purpose,
        sum(entry.amount_minor)::bigint AS minor
    FROM ledger_transaction posting
    JOIN ledger_entry entry ON entry.transaction_id = posting.id
    JOIN ledger_account account ON account.id = entry.account_id
    WHERE posting.source_id = $1 AND posting.source_type = 'dispute'
        AND posting.kind = 'dispute_lost' AND posting.idempotency_key NOT LIKE 'dispute_rest:%'
    GROUP BY 1, 2, 3, 4 HAVING sum(entry.amount_minor) <> 0
    ORDER BY 1, 2, 3, 4
"""
_OURS = {
    account.code: account
    for account in (
        chart.DISPUTED, chart.CUSTOMER_PREPAYMENTS, chart.FACILITATED_TAX, chart.COMMISSION,
        chart.COMMISSION_VAT, chart.PLATFORM_DISCOUNTS, chart.CHARGEBACK_LOSSES,
    )
}  # fmt: skip


async def give_back(
    dispute: Dispute,
    shares: Sequence[DisputeShare],
    states: Mapping[UUID, EarningState],
    *,
    now: datetime,
) -> list[Posting]:
    """The loss backwards, once; nothing where none was booked. The earnings are locked.

    A vendor's part goes to where its earning stands by now, whatever account it was taken from.
    """
    key = f"dispute_regained:{dispute.id}"
    borne = await connection().fetch(_BORNE, dispute.id)
    if not borne or await ledger.is_posted(key):
        return []
    vendors = {
        share.sub_order_id: holding.account_of(share, states[share.sub_order_id])
        for share in shares
        if share.sub_order_id in states
    }
    return [booking.regained(dispute, key, [_entry(dispute, row, vendors) for row in borne], now)]


def _entry(dispute: Dispute, row: Any, vendors: Mapping[UUID, Account]) -> Entry:
    is_vendors = row["vendor_id"] is not None
    return Entry(
        account=vendors[row["sub_order_id"]] if is_vendors else _OURS[row["code"]],
        amount_minor=-row["minor"],
        currency=dispute.currency,
        purpose=Purpose(row["purpose"]),
        order_id=dispute.order_id,
        sub_order_id=row["sub_order_id"],
    )
