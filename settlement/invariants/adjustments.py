"""What people correct is booked once, by two of them, and closed months stay as they were."""

from settlement.adjustments.closing import TRIAL_BALANCE
from settlement.invariants.check import Check

_BOOKED = """
    SELECT adjustment.id::text AS subject, format('%s %s of %s: %s postings, %s moved',
        state, kind, amount_minor, coalesce(postings, 0), coalesce(moved, 0)) AS detail
    FROM adjustment LEFT JOIN (
        SELECT posting.source_id, count(DISTINCT posting.id) AS postings,
            coalesce(sum(entry.amount_minor) FILTER (WHERE entry.amount_minor > 0), 0) AS moved
        FROM ledger_transaction posting
        LEFT JOIN ledger_entry entry ON entry.transaction_id = posting.id
        WHERE posting.source_type = 'adjustment' GROUP BY posting.source_id
    ) booked ON booked.source_id = adjustment.id
    WHERE coalesce(postings, 0) <> CASE state WHEN 'posted' THEN 1 ELSE 0 END
        OR postings > 0 AND kind <> 'reversal'
            AND moved <> abs(amount_minor) + coalesce(amount_to_minor, 0)
        OR decided_by = proposed_by AND state = 'posted'
"""

_REVERSED = """
    SELECT back.idempotency_key AS subject, 'it is not the negation of what it reverses' AS detail
    FROM ledger_transaction back
    WHERE back.reverses_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM ledger_entry
        WHERE transaction_id IN (back.id, back.reverses_id)
        GROUP BY account_id HAVING sum(amount_minor) <> 0)
"""

_SETTLED = """
    SELECT refund.id::text AS subject, format('%s, and %s adjustments paid it otherwise',
        refund.state, count(adjustment.id)) AS detail
    FROM refund LEFT JOIN adjustment
        ON adjustment.refund_id = refund.id AND adjustment.state = 'posted'
    GROUP BY refund.id
    HAVING count(adjustment.id) <> CASE refund.state WHEN 'settled' THEN 1 ELSE 0 END
"""

_CLOSED = f"""
    SELECT to_char(starts, 'YYYY-MM') AS subject,
        'its books are not those that were closed' AS detail
    FROM accounting_period period
    CROSS JOIN LATERAL (SELECT trial_balance_hash FROM period_change
        WHERE period_id = period.id AND move = 'close'
        ORDER BY asked_at DESC, id DESC LIMIT 1) closed
    WHERE status = 'closed'
        AND trial_balance_hash <> ({TRIAL_BALANCE.format(last_day="period.ends")})
"""

_HISTORIES = """
    SELECT subject || ' ' || id AS subject, format('%s, its history leads to %s', state,
        coalesce(to_state, 'nothing')) AS detail
    FROM (
        SELECT 'dispute' AS subject, id, state FROM dispute
        UNION ALL SELECT 'adjustment', id, state FROM adjustment
    ) thing
    LEFT JOIN LATERAL (SELECT to_state FROM settlement_change
        WHERE settlement_change.subject = thing.subject AND subject_id = thing.id
            AND NOT EXISTS (SELECT 1 FROM settlement_change later
                WHERE later.subject_id = thing.id
                    AND later.from_state = settlement_change.to_state
                    AND later.at >= settlement_change.at AND later.id <> settlement_change.id)
        ORDER BY at DESC LIMIT 1) last ON true
    WHERE to_state IS DISTINCT FROM state
"""

CHECKS = (
    Check(
        "adjustments-are-booked",
        "A correction that was approved is booked once and as it says, any other is not.",
        _BOOKED,
    ),
    Check(
        "reversals-are-exact", "A posting that reverses another one negates all of it.", _REVERSED
    ),
    Check(
        "settled-refunds-were-paid",
        "A refund that was paid by other means has the one adjustment that says so.",
        _SETTLED,
    ),
    Check("closed-months-stay", "A closed month's books are what they were then.", _CLOSED),
    Check(
        "decisions-have-histories",
        "The history of a dispute or an adjustment ends in the state that it has.",
        _HISTORIES,
    ),
)
