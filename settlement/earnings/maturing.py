"""What a vendor has earned becomes available when the time for returns is over."""

from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from settlement import chart, ledger
from settlement.earnings import moves, pending
from settlement.ledger import Kind, Posting, Purpose

BATCH = 500

_DISPUTED = """
    EXISTS (SELECT 1 FROM money_hold WHERE money_hold.sub_order_id = earning.sub_order_id
        AND money_hold.kind = 'dispute' AND money_hold.state = 'held')
"""
# Skipped, not waited for: a refund, a dispute or another worker has it.
_CLAIM = f"""
    SELECT sub_order_id FROM earning
    WHERE state = 'pending' AND matures_at <= $1 AND NOT {_DISPUTED}
    ORDER BY matures_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""
# Asked again under the lock: a dispute may have come while it was taken.
_UNDISPUTED = f"""
    SELECT sub_order_id, order_id, vendor_id, currency
    FROM earning WHERE sub_order_id = ANY($1) AND NOT {_DISPUTED}
"""
_MATURED = """
    UPDATE earning SET state = 'available', matured_at = $2 WHERE sub_order_id = ANY($1)
"""


async def mature_due(*, now: datetime, limit: int = BATCH) -> int:
    """Move up to `limit` due earnings from pending to available; answers with how many.

    Any number may run at once: each takes others. Where a dispute is open the money waits. What
    moves is what refunds and holds left of it, which may be nothing, or less than nothing.
    """
    async with transaction(SYSTEM) as connection:
        claimed = await connection.fetch(_CLAIM, now, limit)
        if not claimed:
            return 0
        due = await connection.fetch(_UNDISPUTED, [row["sub_order_id"] for row in claimed])
        parts = [row["sub_order_id"] for row in due]
        left = await pending.left(parts)
        postings = [_matured(row, left.get(row["sub_order_id"], 0), now) for row in due]
        await ledger.post_all(postings, now=now)
        await connection.execute(_MATURED, parts, now)
    return len(due)


def _matured(row: Any, left_minor: int, now: datetime) -> Posting:
    vendor_id: UUID = row["vendor_id"]
    return moves.move(
        kind=Kind.MATURED,
        key=f"matured:{row['sub_order_id']}",
        source_id=row["sub_order_id"],
        purpose=Purpose.MATURITY,
        out_of=chart.vendor_pending(vendor_id),
        into=chart.vendor_available(vendor_id),
        amount_minor=left_minor,
        currency=row["currency"],
        order_id=row["order_id"],
        sub_order_id=row["sub_order_id"],
        now=now,
    )
