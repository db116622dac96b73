"""The ledger itself: it balances, and what it keeps beside the entries agrees with them."""

from settlement.invariants.check import Check

_BALANCED = """
    SELECT booked.idempotency_key AS subject, format('%s: %s in %s entries',
        coalesce(currency, 'nothing'), coalesce(total, 0), coalesce(entries, 0)) AS detail
    FROM ledger_transaction booked
    LEFT JOIN (
        SELECT transaction_id, currency, sum(amount_minor) AS total, count(*) AS entries
        FROM ledger_entry GROUP BY transaction_id, currency
    ) entry ON entry.transaction_id = booked.id
    WHERE entry.transaction_id IS NULL OR total <> 0
"""

_TRIAL = """
    SELECT currency AS subject, format('all entries add up to %s', sum(amount_minor)) AS detail
    FROM ledger_entry GROUP BY currency HAVING sum(amount_minor) <> 0
"""

_CACHED = """
    SELECT concat_ws(' ', account.code, account.vendor_id, account.currency) AS subject,
        format('kept: %s debited, %s credited; entries: %s, %s', balance.debits_minor,
            balance.credits_minor, coalesce(debits, 0), coalesce(credits, 0)) AS detail
    FROM ledger_account account
    FULL JOIN ledger_balance balance ON balance.account_id = account.id
    LEFT JOIN (
        SELECT account_id, sum(greatest(amount_minor, 0)) AS debits,
            sum(greatest(-amount_minor, 0)) AS credits
        FROM ledger_entry GROUP BY account_id
    ) entry ON entry.account_id = account.id
    WHERE CASE WHEN balance.account_id IS NULL
        THEN account.vendor_id IS NOT NULL OR account.floor_minor IS NOT NULL
        ELSE (balance.debits_minor, balance.credits_minor)
            IS DISTINCT FROM (coalesce(debits, 0), coalesce(credits, 0)) END
"""

_PLACED = """
    SELECT booked.idempotency_key AS subject, concat_ws('; ',
        CASE WHEN effective_date NOT BETWEEN starts AND ends THEN
            format('dated %s, in the period %s to %s', effective_date, starts, ends) END,
        CASE WHEN entry.id IS NOT NULL THEN
            format('entry %s is of vendor %s', entry.id, entry.vendor_id) END) AS detail
    FROM ledger_transaction booked
    JOIN accounting_period period ON period.id = booked.period_id
    LEFT JOIN (
        SELECT entry.id, entry.transaction_id, entry.vendor_id
        FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
        WHERE entry.vendor_id IS DISTINCT FROM account.vendor_id
    ) entry ON entry.transaction_id = booked.id
    WHERE effective_date NOT BETWEEN starts AND ends OR entry.id IS NOT NULL
"""

# Independent of the postings' own symmetry: the left side is the core's, the right the ledger's.
# Of sales and refunds; what is done with a vendor's money afterwards is not in it.
_ACCOUNTED = """
    SELECT currency AS subject, format('captured %s, refunded %s, accounted for %s',
        captured, refunded, accounted) AS detail
    FROM (
        SELECT account.currency, coalesce(-sum(amount_minor) FILTER (WHERE account.code NOT IN
            ('1120', '6210')), 0) AS accounted
        FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
        JOIN ledger_transaction booked ON booked.id = entry.transaction_id
        WHERE booked.kind IN ('capture', 'provider_fee', 'earning', 'refund', 'refund_owed',
            'refund_resent', 'refund_returned')
        GROUP BY account.currency
    ) ledger
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(capture.amount_minor), 0) AS captured
        FROM capture JOIN ledger_transaction booked ON booked.source_id = capture.id
            AND booked.kind = 'capture' WHERE capture.currency = ledger.currency
    ) came
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(CASE booked.kind WHEN 'refund_returned' THEN -refund.amount_minor
            ELSE refund.amount_minor END), 0) AS refunded
        FROM refund JOIN ledger_transaction booked ON booked.source_id = refund.id
            AND booked.kind IN ('refund', 'refund_resent', 'refund_returned')
        WHERE refund.currency = ledger.currency
    ) went
    WHERE captured - refunded <> accounted
"""

CHECKS = (
    Check("postings-balance", "Every posting balances in each currency.", _BALANCED),
    Check("trial-balance-is-zero", "All entries of a currency add up to zero.", _TRIAL),
    Check("kept-balances-agree", "A kept balance is the sum of its account's entries.", _CACHED),
    Check(
        "entries-are-in-their-place",
        "A posting lies in the period of its date, an entry with its account's vendor.",
        _PLACED,
    ),
    Check(
        "money-is-accounted-for",
        "Captured less refunded is what vendors, commission, its VAT and tax received, less what"
        " the platform gave as discounts, with what is still prepaid or owed back.",
        _ACCOUNTED,
    ),
)
