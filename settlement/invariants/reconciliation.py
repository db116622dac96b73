"""Reconciliation: what it found serious holds payouts back, and nothing else does in its name."""

from settlement.invariants.check import Check
from settlement.reconciliation.rules import FREEZING

_CODES = ", ".join(f"'{code.value}'" for code in sorted(FREEZING))

_FREEZES = f"""
    SELECT difference.key AS subject, format('%s, and vendor %s may be paid', code, vendor_id)
        AS detail
    FROM reconciliation_break difference
    WHERE ended_at IS NULL AND code IN ({_CODES}) AND vendor_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM payout_freeze WHERE source_id = difference.id AND lifted_at IS NULL
            AND payout_freeze.vendor_id = difference.vendor_id)
    UNION ALL
    SELECT difference.key, format('it has ended, and vendor %s is still frozen', placed.vendor_id)
    FROM payout_freeze placed JOIN reconciliation_break difference
        ON difference.id = placed.source_id
    WHERE placed.source = 'reconciliation' AND lifted_at IS NULL AND ended_at IS NOT NULL
"""

CHECKS = (
    Check(
        "serious-breaks-stop-payouts",
        "A vendor is frozen by reconciliation exactly while a serious break touches it.",
        _FREEZES,
    ),
)
