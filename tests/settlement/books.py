"""Tell the ledger, and read it back as a person would write it down."""

from uuid import uuid4

from marketplace.kit.transactions import connection
from marketplace.outbox.routes import Received
from settlement import posting
from tests.settlement.rows import NOW
from tests.settlement.worked_parts import Heard

HANDLERS = {
    "payment.captured": posting.on_payment_captured,
    "payment.fee_known": posting.on_fee_known,
    "sub_order.rerouted": posting.on_sub_order_rerouted,
    "sub_order.shipped": posting.on_sub_order_shipped,
    "sub_order.delivered": posting.on_sub_order_delivered,
    "refund.succeeded": posting.on_refund_succeeded,
    "refund.failed": posting.on_refund_failed,
}

# Vendor accounts by the letter of their sub-order; entries of one account in one sum.
_POSTED = """
    SELECT account.code || coalesce(' ' || (SELECT right(number, 1) FROM sub_order
            WHERE sub_order.vendor_id = account.vendor_id), '') AS account,
        sum(entry.amount_minor)::bigint AS amount
    FROM ledger_entry entry
    JOIN ledger_account account ON account.id = entry.account_id
    JOIN ledger_transaction posted ON posted.id = entry.transaction_id
    WHERE $1::text IS NULL OR posted.idempotency_key = $1
    GROUP BY 1 HAVING sum(entry.amount_minor) <> 0
"""


async def hear(*events: Heard) -> None:
    for event in events:
        received = Received(
            event_id=uuid4(), name=event.name, stream_id=uuid4(), seq=1, payload=event.payload,
            happened_at=event.happened_at,
        )  # fmt: skip
        await HANDLERS[event.name](received, now=NOW)


async def posted(key: str | None = None) -> dict[str, int]:
    """What one posting, or all of them, did to each account: debits above zero, in cents."""
    rows = await connection().fetch(_POSTED, key)
    return {row["account"]: row["amount"] for row in rows}
