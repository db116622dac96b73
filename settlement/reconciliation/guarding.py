"""No payouts to a vendor while money of its may have moved twice, or not at all."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection
from settlement.history import keeping
from settlement.history.keeping import Kept, Subject
from settlement.payouts import stopping
from settlement.payouts.freezing import FreezeMove, FreezeState
from settlement.reconciliation import rules

# The vendors of a break: its own, or all who sold in the order that it is about.
_PLACE = """
    WITH touched AS (
        SELECT difference.id, difference.code, difference.vendor_id
        FROM reconciliation_break difference
        WHERE ended_at IS NULL AND code = ANY($1) AND difference.vendor_id IS NOT NULL
        UNION
        SELECT difference.id, difference.code, sub_order.vendor_id
        FROM reconciliation_break difference
        LEFT JOIN capture ON subject_type = 'capture' AND capture.id = subject_id
        LEFT JOIN refund ON subject_type = 'refund' AND refund.id = subject_id
        JOIN sub_order ON sub_order.order_id = coalesce(capture.order_id, refund.order_id)
        WHERE ended_at IS NULL AND code = ANY($1)
    )
    INSERT INTO payout_freeze (id, vendor_id, source, source_id, reason, placed_by, placed_at)
    SELECT uuidv7($2 - clock_timestamp()), vendor_id, 'reconciliation', id,
        'The books differ: ' || code, 'system', $2
    FROM touched ORDER BY vendor_id
    ON CONFLICT DO NOTHING
    RETURNING id, vendor_id
"""
_LIFT = """
    UPDATE payout_freeze SET lifted_at = $2, lifted_by = 'system'
    WHERE source = 'reconciliation' AND lifted_at IS NULL AND source_id IN (
        SELECT id FROM reconciliation_break WHERE ended_at IS NOT NULL OR NOT code = ANY($1))
    RETURNING id, vendor_id
"""


async def guard(*, now: datetime) -> None:
    """Freeze whom a live break touches that forbids payouts, and nobody longer than that."""
    codes = sorted(rules.FREEZING)
    placed = await connection().fetch(_PLACE, codes, now)
    await _keep(placed, FreezeMove.FREEZE, now)
    lifted = await connection().fetch(_LIFT, codes, now)
    await _keep(lifted, FreezeMove.LIFT, now)
    for vendor_id in sorted({row["vendor_id"] for row in lifted}):
        await stopping.wake(vendor_id=vendor_id, at=now)


async def _keep(rows: Sequence[Any], move: FreezeMove, now: datetime) -> None:
    if not rows:
        return
    is_placed = move is FreezeMove.FREEZE
    await keeping.keep_all(
        event="freeze.placed" if is_placed else "freeze.lifted",
        subject=Subject.FREEZE,
        things=[Kept(row["id"], row["vendor_id"]) for row in rows],
        before=None if is_placed else FreezeState.FROZEN,
        after=FreezeState.FROZEN if is_placed else FreezeState.LIFTED,
        move=move,
        actor=SYSTEM.key,
        now=now,
        reason="The books differ" if is_placed else "The difference has ended",
    )
