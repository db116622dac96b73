"""Each vendor's and each order's money adds up to the end."""

from settlement.invariants.check import Check
from settlement.invariants.hearing import UNHEARD

# From the core's rows of what is booked, so that news on its way is on neither side.
_VENDOR = """
    SELECT concat_ws(' ', vendor.code, currency) AS subject,
        format('what happened leaves %s, its accounts say %s', told, kept) AS detail
    FROM (
        SELECT vendor_id, currency, sum(amount) AS told, sum(balance) AS kept FROM (
            SELECT sub_order.vendor_id, sub_order.currency,
                part.vendor - part.commission AS amount, 0 AS balance
            FROM ledger_transaction posting
            JOIN sub_order ON sub_order.id = posting.source_id
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(vendor), 0) AS vendor, coalesce(sum(commission), 0)
                    AS commission
                FROM (
                    SELECT vendor_minor AS vendor,
                        commission_minor + commission_vat_minor AS commission
                    FROM order_line WHERE sub_order_id = sub_order.id
                    UNION ALL SELECT sub_order.shipping_vendor_minor, 0
                    UNION ALL SELECT -vendor_minor, -commission_minor - commission_vat_minor
                    FROM refund_line WHERE sub_order_id = sub_order.id AND NOT is_earned
                ) each
            ) part
            WHERE posting.kind = 'earning'
            UNION ALL
            SELECT sub_order.vendor_id, sub_order.currency,
                line.commission_minor + line.commission_vat_minor - line.vendor_minor, 0
            FROM ledger_transaction posting
            JOIN refund_line line ON line.refund_id = posting.source_id AND line.is_earned
            JOIN sub_order ON sub_order.id = line.sub_order_id
            WHERE posting.kind IN ('refund', 'refund_owed')
            UNION ALL
            -- A transfer moves what was not taken back of it since; its reversal brings that back.
            SELECT vendor_id, payout.currency, (amount_minor - taken_back_minor)
                * CASE posting.kind WHEN 'transfer' THEN -1 ELSE 1 END, 0
            FROM ledger_transaction posting JOIN payout ON payout.id = posting.source_id
            WHERE posting.kind = 'transfer'
                OR posting.idempotency_key = 'transfer_reversal:' || payout.id
            UNION ALL
            SELECT share.vendor_id, dispute.currency,
                share.commission_minor + share.commission_vat_minor - share.vendor_minor, 0
            FROM dispute_share share JOIN dispute ON dispute.id = share.dispute_id
            WHERE dispute.state = 'lost' AND EXISTS (SELECT 1 FROM ledger_transaction posting
                JOIN ledger_entry entry ON entry.transaction_id = posting.id
                WHERE posting.source_id = dispute.id AND posting.kind = 'dispute_lost'
                    AND entry.vendor_id IS NOT NULL AND entry.sub_order_id = share.sub_order_id)
            UNION ALL
            SELECT adjustment.vendor_id, adjustment.currency, CASE
                WHEN adjustment.kind IN ('goodwill', 'write_off') THEN amount_minor
                WHEN adjustment.kind = 'vendor_receivable' THEN 0 ELSE -amount_minor END, 0
            FROM adjustment
            JOIN ledger_transaction posting ON posting.source_id = adjustment.id
            LEFT JOIN ledger_transaction back ON back.reverses_id = posting.id
            WHERE adjustment.vendor_id IS NOT NULL AND back.id IS NULL
            UNION ALL
            SELECT account.vendor_id, account.currency, -entry.amount_minor, 0
            FROM ledger_transaction posting
            JOIN ledger_entry entry ON entry.transaction_id = posting.id
            JOIN ledger_account account ON account.id = entry.account_id
            WHERE posting.source_type IN ('bank_line', 'break', 'balance_transaction')
                AND account.vendor_id IS NOT NULL
            UNION ALL
            SELECT account.vendor_id, account.currency, 0, credits_minor - debits_minor
            FROM ledger_balance balance JOIN ledger_account account
                ON account.id = balance.account_id AND account.vendor_id IS NOT NULL
        ) moved GROUP BY vendor_id, currency
    ) story LEFT JOIN vendor ON vendor.id = story.vendor_id
    WHERE told <> kept
"""

_PREPAID = f"""
    WITH {UNHEARD}
    SELECT sub_order.number AS subject, format('%s, and %s of its prepayment is left',
        sub_order.state, prepaid.amount) AS detail
    FROM (
        SELECT entry.sub_order_id, -sum(amount_minor) AS amount
        FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
        WHERE account.code = '2010' GROUP BY entry.sub_order_id HAVING sum(amount_minor) <> 0
    ) prepaid
    JOIN sub_order ON sub_order.id = prepaid.sub_order_id
    WHERE (sub_order.shipped_at IS NOT NULL
            OR sub_order.state IN ('refused', 'expired', 'cancelled'))
        AND sub_order.order_id NOT IN (SELECT order_id FROM unheard WHERE order_id IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM refund WHERE refund.order_id = sub_order.order_id
            AND state IN ('requested', 'submitting', 'pending'))
        AND NOT EXISTS (SELECT 1 FROM dispute_share
            WHERE dispute_share.sub_order_id = sub_order.id AND prepaid_minor > 0)
"""

_SET_ASIDE = f"""
    WITH {UNHEARD}
    SELECT event.name || ' ' || event.id AS subject,
        format('set aside after %s attempts: %s', attempts, last_error) AS detail
    FROM unheard event JOIN delivery ON delivery.event_id = event.id
    WHERE delivery.dead_at IS NOT NULL
"""

CHECKS = (
    Check(
        "vendor-stories-add-up",
        "A vendor's sales less commission, refunds, lost disputes, corrections and transfers are"
        " what its accounts hold.",
        _VENDOR,
    ),
    Check(
        "finished-sub-orders-keep-no-prepayment",
        "Once a sub-order is finished and refunds are done, nothing of what was prepaid is left.",
        _PREPAID,
    ),
    Check("no-news-of-money-is-set-aside", "The ledger hears all news of money.", _SET_ASIDE),
)
