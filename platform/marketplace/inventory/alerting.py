"""Tell a vendor that a stock item runs low: once when it falls, not again until it was refilled.

Found by looking from time to time and not where pieces are sold, which must not wait for it.
"""

from datetime import datetime

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.outbox import recording

LOW = "stock.low"
BATCH = 500

# What could be sold from the shelf, without what is sold ahead. A row that is being sold at this
# moment is looked at the next time.
_FALLEN = """
    WITH fallen AS (
        SELECT id FROM stock
        WHERE low_at IS NOT NULL AND NOT is_low AND available - backorder_limit <= low_at
        ORDER BY id LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE stock SET is_low = true FROM fallen WHERE stock.id = fallen.id
    RETURNING stock.id, stock.vendor_id
"""
_REFILLED = """
    WITH refilled AS (
        SELECT id FROM stock
        WHERE low_at IS NOT NULL AND is_low AND available - backorder_limit > low_at
        ORDER BY id LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE stock SET is_low = false FROM refilled WHERE stock.id = refilled.id
"""


async def look(*, now: datetime) -> int:
    """Tell of up to 500 stock items that have become low (`stock.low`); how many there were.

    Safe to repeat, and beside itself.
    """
    async with transaction(SYSTEM) as connection:
        await connection.execute(_REFILLED, BATCH)
        rows = await connection.fetch(_FALLEN, BATCH)
        if rows:
            facts = [
                {"stock_id": str(row["id"]), "vendor_id": str(row["vendor_id"])} for row in rows
            ]
            await recording.record_all_unstreamed(LOW, facts, now=now)
    return len(rows)
