"""What of a month's last day is not proven.

Accounts without their proof of cash, bank accounts and balances that the other side has not stated
so far, what came in behind the proof, and open breaks.
"""

from collections.abc import Sequence
from datetime import date

from marketplace.kit.money import Money
from marketplace.kit.transactions import connection

MOST_NAMED = 5
# By the day's last run, as long as nothing was booked behind it. A bank account is found by its
# currency: the books have one for each.
_ACCOUNTS = """
    WITH balance AS (
        SELECT account.code, account.vendor_id, account.currency, sum(entry.amount_minor) AS minor
        FROM ledger_account account JOIN ledger_entry entry ON entry.account_id = account.id
        JOIN ledger_transaction posting ON posting.id = entry.transaction_id
        WHERE account.code IN ('1010', '1120', '1130', '1140') AND posting.effective_date <= $1
        GROUP BY account.code, account.vendor_id, account.currency
    ), proof AS (
        SELECT code, vendor_id, currency, sum(ledger_minor) AS minor, bool_and(is_proven) AS holds
        FROM cash_proof WHERE run_id = (SELECT id FROM reconciliation_run WHERE until = $1
            ORDER BY number DESC LIMIT 1)
        GROUP BY code, vendor_id, currency
    )
    SELECT concat_ws(' ', account.code, vendor.name, account.currency) AS name
    FROM (
        SELECT coalesce(balance.code, proof.code) AS code,
            coalesce(balance.vendor_id, proof.vendor_id) AS vendor_id,
            coalesce(balance.currency, proof.currency) AS currency,
            coalesce(proof.holds AND proof.minor = coalesce(balance.minor, 0), false) AS is_proven
        FROM balance FULL JOIN proof
            ON (proof.code, proof.currency, coalesce(proof.vendor_id::text, ''))
                = (balance.code, balance.currency, coalesce(balance.vendor_id::text, ''))
    ) account LEFT JOIN vendor ON vendor.id = account.vendor_id
    WHERE NOT is_proven ORDER BY 1
"""
# Bank accounts that were there by then: lines alone may end before the day does.
_UNCOVERED = """
    SELECT account.name FROM bank_account account
    WHERE ((created_at AT TIME ZONE 'UTC')::date <= $1
            OR EXISTS (SELECT 1 FROM bank_line WHERE bank_account_id = account.id
                AND booked_on <= $1))
        AND NOT EXISTS (SELECT 1 FROM bank_statement WHERE bank_account_id = account.id
            AND closing_minor IS NOT NULL AND closes_on >= $1)
    ORDER BY account.name
"""
# A disconnected account shows us nothing any more: its last lines are all that is to be had.
_UNSTATED = """
    SELECT DISTINCT concat_ws(' ', proof.code, vendor.name, proof.currency) AS name
    FROM cash_proof proof LEFT JOIN vendor ON vendor.id = proof.vendor_id
    LEFT JOIN connected_account connected ON connected.vendor_id = proof.vendor_id
    WHERE run_id = (SELECT id FROM reconciliation_run WHERE until = $1
            ORDER BY number DESC LIMIT 1)
        AND stated_minor IS NULL AND connected.state IS DISTINCT FROM 'disconnected'
    ORDER BY 1
"""
# A run knows the files that it read; the provider's lines carry when they were read.
_BEHIND = """
    WITH run AS (SELECT started_at, files FROM reconciliation_run WHERE until = $1
        ORDER BY number DESC LIMIT 1)
    SELECT (SELECT count(*) FROM bank_file file, run WHERE NOT run.files ? file.sha256 AND (
                EXISTS (SELECT 1 FROM bank_line WHERE file_id = file.id AND booked_on <= $1)
                OR EXISTS (SELECT 1 FROM bank_statement WHERE file_id = file.id
                    AND opens_on <= $1))) AS files,
        (SELECT count(*) FROM provider_transaction line, run
            WHERE line.pulled_at > run.started_at
                AND line.created_at < ($1::date + 1)::timestamp AT TIME ZONE 'UTC') AS lines
"""
# Money on its way (T1, T2) is carried into the next month; it has a name when it does not arrive.
_BREAKS = """
    SELECT difference.code, difference.key, amount_minor, difference.currency
    FROM reconciliation_break difference
    LEFT JOIN reconciliation_policy policy ON policy.currency = difference.currency
    WHERE ended_at IS NULL AND happened_on <= $1 AND difference.code NOT IN ('T1', 'T2')
        AND (severity = 'high' OR abs(amount_minor) > coalesce(fee_tolerance_minor, 0))
    ORDER BY abs(amount_minor) DESC, difference.id
"""


async def against(last_day: date) -> list[str]:
    """In words, in the caller's transaction; nothing where all is proven."""
    accounts = [row["name"] for row in await connection().fetch(_ACCOUNTS, last_day)]
    uncovered = [row["name"] for row in await connection().fetch(_UNCOVERED, last_day)]
    unstated = [row["name"] for row in await connection().fetch(_UNSTATED, last_day)]
    behind = await connection().fetchrow(_BEHIND, last_day)
    breaks = [
        f"{row['code']} {Money(row['amount_minor'], row['currency'])} ({row['key']})"
        for row in await connection().fetch(_BREAKS, last_day)
    ]
    day = f"{last_day:%-d %B}"
    told = []
    if accounts:
        told.append(f"no proof of cash on {day} for {_some(accounts)}")
    if uncovered:
        told.append(
            f"no bank statement that closes on {day} or later for {_some(uncovered)}:"
            f" import one, then reconcile {day} again"
        )
    if unstated:
        told.append(
            f"nobody has said what {_some(unstated)} held on {day}:"
            f" read the balance or import the statement, then reconcile {day} again"
        )
    if behind["files"] or behind["lines"]:
        told.append(
            f"behind the proof of {day} came in bank files: {behind['files']}, lines of the"
            f" provider: {behind['lines']}; reconcile {day} again"
        )
    if breaks:
        told.append(f"open breaks: {_some(breaks)}")
    return told


def _some(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
