"""Proofs of cash as a run would leave them, of books that agree with all others."""

from datetime import UTC, date, datetime, time

from marketplace.kit.transactions import connection
from tests.settlement.rows import insert

_PROVE = """
    INSERT INTO cash_proof (id, run_id, day, account, code, vendor_id, currency, opening_minor,
        moved_minor, closing_minor, stated_minor, ledger_minor, breaks_minor, timing_minor,
        explained_by, is_proven)
    SELECT uuidv7(), $1, $2, coalesce(account.vendor_id::text, account.code), account.code,
        account.vendor_id, account.currency, minor, 0, minor, NULL, minor, 0, 0, '{}', $3
    FROM (
        SELECT account_id, sum(amount_minor) AS minor FROM ledger_entry
        JOIN ledger_transaction posting ON posting.id = transaction_id
        WHERE posting.effective_date <= $2 GROUP BY account_id
    ) balance JOIN ledger_account account ON account.id = balance.account_id
    WHERE account.code IN ('1010', '1120', '1130', '1140')
"""


async def prove(day: date, *, holds: bool = True) -> None:
    number = await connection().fetchval("SELECT count(*) + 1 FROM reconciliation_run")
    run_id = await insert(
        "reconciliation_run", number=number, until=day, rules=2, started_by="system",
        started_at=datetime.combine(day, time(23), UTC), inputs=b"", inputs_hash="",
        results_hash="", cursors="{}", files="[]", metrics="{}",
    )  # fmt: skip
    await connection().execute(_PROVE, run_id, day, holds)
