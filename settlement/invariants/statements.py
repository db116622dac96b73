"""Statements and batches: every line is told once, and who decided it is known."""

from settlement.invariants.check import Check

_CHAIN = """
    SELECT concat_ws(' ', vendor.code, chain.currency, chain.number) AS subject,
        format('opens with %s after %s, %s moved, closes with %s', opening_minor, before,
            moved, closing_minor) AS detail
    FROM (
        SELECT statement.*, coalesce(line.moved, 0) AS moved,
            coalesce(lag(closing_minor) OVER earlier, 0) AS before,
            row_number() OVER earlier AS place
        FROM statement LEFT JOIN (
            SELECT statement_id, sum(amount_minor) AS moved
            FROM statement_line GROUP BY statement_id
        ) line ON line.statement_id = statement.id
        WINDOW earlier AS (PARTITION BY vendor_id, currency ORDER BY number)
    ) chain LEFT JOIN vendor ON vendor.id = chain.vendor_id
    WHERE opening_minor <> before OR number <> place OR opening_minor + moved <> closing_minor
"""

# That none has two is a key; that it is the right one, and is told as it was booked, is not.
_LINES = """
    SELECT 'entry ' || line.entry_id AS subject, format('told as %s of vendor %s in %s; booked %s'
        ' on %s of vendor %s in %s', line.amount_minor, line.vendor_id, statement.currency,
        -entry.amount_minor, account.code, account.vendor_id, account.currency) AS detail
    FROM statement_line line
    LEFT JOIN statement ON statement.id = line.statement_id
    JOIN ledger_entry entry ON entry.id = line.entry_id
    JOIN ledger_account account ON account.id = entry.account_id
    WHERE account.code <> '2120' OR line.amount_minor <> -entry.amount_minor
        OR (statement.vendor_id, statement.currency, line.vendor_id)
            IS DISTINCT FROM (account.vendor_id, account.currency, account.vendor_id)
"""

_PAYS = """
    SELECT payout.id::text AS subject, format('%s of %s, its statement closes with %s',
        amount_minor, payout.currency, coalesce(closing_minor::text, 'nothing')) AS detail
    FROM payout LEFT JOIN statement ON statement.id = payout.statement_id
    WHERE (payout.vendor_id, payout.currency, payout.batch_id, amount_minor) IS DISTINCT FROM
        (statement.vendor_id, statement.currency, statement.batch_id, closing_minor)
"""

_BATCHES = """
    SELECT 'batch ' || batch.number AS subject, concat_ws('; ',
        CASE WHEN number <> place THEN format('the %s. of all', place) END,
        CASE WHEN state = 'approved' AND approvals = 0 THEN 'nobody approved it' END,
        CASE WHEN strays > 0 THEN format('%s, and %s payouts are not', state, strays) END)
        AS detail
    FROM (
        SELECT payout_batch.*, row_number() OVER (ORDER BY number) AS place,
            (SELECT count(*) FROM payout_approval WHERE batch_id = payout_batch.id) AS approvals,
            (SELECT count(*) FROM payout WHERE batch_id = payout_batch.id AND CASE
                payout_batch.state WHEN 'draft' THEN payout.state NOT IN ('draft', 'cancelled')
                WHEN 'cancelled' THEN payout.state <> 'cancelled'
                ELSE payout.state = 'draft' END) AS strays
        FROM payout_batch
    ) batch
    WHERE number <> place OR state = 'approved' AND approvals = 0 OR strays > 0
"""

_HISTORIES = """
    SELECT concat_ws(' ', thing.subject, thing.id) AS subject,
        format('it is %s; its history ends with %s', thing.state,
            coalesce(last.to_state, 'nothing')) AS detail
    FROM (
        SELECT 'payout' AS subject, id, state::text FROM payout
        UNION ALL SELECT 'batch', id, state::text FROM payout_batch
        UNION ALL SELECT 'hold', id, state::text FROM money_hold WHERE kind = 'manual'
    ) thing
    LEFT JOIN LATERAL (
        SELECT ended.to_state FROM settlement_change ended
        WHERE ended.subject_id = thing.id AND NOT EXISTS (SELECT 1 FROM settlement_change later
            WHERE later.subject_id = thing.id AND later.id <> ended.id
                AND later.from_state = ended.to_state AND later.at >= ended.at
                AND later.to_state <> later.from_state)
        ORDER BY (ended.to_state = thing.state) DESC LIMIT 1
    ) last ON true
    WHERE last.to_state IS DISTINCT FROM thing.state
"""

_EVENTS = """
    SELECT concat_ws(' ', change.subject, change.subject_id, change.move) AS subject,
        'no event was recorded with it' AS detail
    FROM settlement_change change LEFT JOIN outbox_event event ON event.id = change.event_id
    WHERE event.id IS NULL
"""

CHECKS = (
    Check(
        "statements-follow-one-another",
        "A statement opens with what the last one closed with, and its lines lead to its closing.",
        _CHAIN,
    ),
    Check(
        "statement-lines-are-entries",
        "A line of a statement is an entry of the vendor's available account, as it was booked.",
        _LINES,
    ),
    Check(
        "payouts-pay-their-statement",
        "A payout is the closing balance of its statement, in the same batch.",
        _PAYS,
    ),
    Check(
        "batches-are-decided-whole",
        "Batches are numbered without gaps, approved by somebody, and their payouts go with them.",
        _BATCHES,
    ),
    Check(
        "settlement-histories-lead-to-today",
        "The history of a batch, payout or hold ends in the state it is in.",
        _HISTORIES,
    ),
    Check(
        "settlement-changes-have-events",
        "Each change in the settlement has the event that tells of it.",
        _EVENTS,
    ),
)
