"""Payouts: each is where its postings and its calls say, and moved its money once."""

from settlement.invariants.check import Check

# What a payout has on an account while it is in these states; debits above zero.
_PLACES = """
    (VALUES ('2140', -1, '{reserved,transferred,sent,failed,returned}'::text[]),
        ('1140', 1, '{transferred,failed,returned}'), ('1150', 1, '{sent}'))
        AS place (code, sign, states)
"""
_ON_THE_WAY = f"""
    SELECT concat_ws(' ', vendor.code, currency, account_code) AS subject,
        format('payouts have %s there, the postings of payouts %s', expected, booked) AS detail
    FROM (
        SELECT vendor_id, currency, account_code, sum(booked) AS booked, sum(expected) AS expected
        FROM (
            SELECT account.vendor_id, account.currency, account.code AS account_code,
                entry.amount_minor AS booked, 0 AS expected
            FROM ledger_entry entry
            JOIN ledger_account account ON account.id = entry.account_id
            JOIN ledger_transaction posting ON posting.id = entry.transaction_id
            WHERE posting.source_type = 'payout' AND account.code IN ('1140', '1150', '2140')
            UNION ALL
            SELECT vendor_id, currency, place.code, 0,
                place.sign * (amount_minor - taken_back_minor)
            FROM payout JOIN {_PLACES} ON payout.state = ANY(place.states)
        ) both_ways GROUP BY vendor_id, currency, account_code
    ) story LEFT JOIN vendor ON vendor.id = story.vendor_id
    WHERE booked <> expected
"""

# Each posting that a state takes for granted, with the payout's amount: of what was left of it
# then, where a part was taken back before it was sent, or after it came back.
_BOOKED = """
    SELECT payout.id::text AS subject,
        format('%s, and %s is booked with %s of %s', payout.state, step.key,
            coalesce(booked.amount, 0), payout.amount_minor) AS detail
    FROM payout
    CROSS JOIN LATERAL (VALUES
        ('payout_reserved:' || id,
            '{reserved,transferred,sent,paid,failed,returned}'::text[]),
        ('transfer:' || id, '{transferred,sent,paid,failed,returned}'),
        ('payout_sent:' || id || ':' || attempt, '{sent,paid,returned}'),
        ('payout_paid:' || id || ':' || attempt, '{paid,returned}'),
        ('payout_returned:' || id || ':' || attempt, '{returned}')
    ) step (key, states)
    LEFT JOIN (
        SELECT posting.idempotency_key AS key,
            sum(entry.amount_minor) FILTER (WHERE entry.amount_minor > 0) AS amount
        FROM ledger_transaction posting
        JOIN ledger_entry entry ON entry.transaction_id = posting.id
        WHERE posting.source_type = 'payout' GROUP BY posting.idempotency_key
    ) booked ON booked.key = step.key
    WHERE payout.state = ANY(step.states) AND coalesce(booked.amount, 0) NOT BETWEEN
            CASE WHEN step.key ~ '^(payout_reserved|transfer):' THEN amount_minor
                ELSE amount_minor - taken_back_minor END
            AND CASE WHEN payout.state IN ('sent', 'paid') AND step.key ~ '^payout_(sent|paid):'
                THEN amount_minor - taken_back_minor ELSE amount_minor END
        OR payout.state IN ('draft', 'approved') AND booked.key IS NOT NULL
"""

_ONCE = """
    SELECT payout.id::text AS subject, format('%s transfers succeeded; it knows of %s',
        coalesce(made, 0), coalesce(transfer_id, 'none')) AS detail
    FROM payout LEFT JOIN (
        SELECT subject_id, count(*) AS made, min(result_id) AS result_id
        FROM provider_operation WHERE kind = 'transfer' AND state = 'succeeded'
        GROUP BY subject_id
    ) operation ON operation.subject_id = payout.id
    WHERE coalesce(made, 0) <> (transfer_id IS NOT NULL)::int
        OR transfer_id IS DISTINCT FROM result_id
    UNION ALL
    SELECT payout.id::text, format('attempt %s: it knows of %s, its call made %s',
        attempt, provider_payout_id, coalesce(result_id, 'nothing'))
    FROM payout LEFT JOIN provider_operation operation
        ON operation.key = 'mkt:payout:' || payout.id || ':' || attempt
            AND operation.state = 'succeeded'
    WHERE provider_payout_id IS NOT NULL AND result_id IS DISTINCT FROM provider_payout_id
"""

CHECKS = (
    Check(
        "payouts-are-where-their-money-is",
        "What is in progress, at the provider and in transit is what payouts have there.",
        _ON_THE_WAY,
    ),
    Check(
        "payouts-are-booked",
        "A payout's postings are those of the state that it is in.",
        _BOOKED,
    ),
    Check(
        "money-goes-out-once",
        "A payout has one transfer, and each attempt one payout to the bank.",
        _ONCE,
    ),
)
