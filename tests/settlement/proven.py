"""Proofs of cash as a run would leave them, of books that agree with all others."""

from datetime import UTC, date, datetime, time
from hashlib import sha256
from uuid import UUID

from marketplace.kit.transactions import connection
from tests.settlement.rows import insert

_PROVE = """
    INSERT INTO cash_proof (id, run_id, day, account, code, vendor_id, currency, opening_minor,
        moved_minor, closing_minor, stated_minor, ledger_minor, breaks_minor, timing_minor,
        explained_by, is_proven)
    SELECT uuidv7(), $1, $2, coalesce(account.vendor_id::text, account.code), account.code,
        account.vendor_id, account.currency, minor, 0, minor,
        CASE WHEN account.code <> $4 THEN minor END, minor, 0, 0, '{}', $3
    FROM (
        SELECT account_id, sum(amount_minor) AS minor FROM ledger_entry
        JOIN ledger_transaction posting ON posting.id = transaction_id
        WHERE posting.effective_date <= $2 GROUP BY account_id
    ) balance JOIN ledger_account account ON account.id = balance.account_id
    WHERE account.code IN ('1010', '1120', '1130', '1140')
"""

_FILES = "SELECT coalesce(jsonb_agg(sha256), '[]')::text FROM bank_file"


async def prove(day: date, *, holds: bool = True, unstated: str = "") -> None:
    """By a run that knew every file there is; of an account nobody may have said what it holds."""
    number = await connection().fetchval("SELECT count(*) + 1 FROM reconciliation_run")
    run_id = await insert(
        "reconciliation_run", number=number, until=day, rules=2, started_by="system",
        started_at=datetime.combine(day, time(23), UTC), inputs=b"", inputs_hash="",
        results_hash="", cursors="{}", files=await connection().fetchval(_FILES), metrics="{}",
    )  # fmt: skip
    await connection().execute(_PROVE, run_id, day, holds, unstated)


async def bank_account(*, since: date) -> UUID:
    return await insert(
        "bank_account", code="main", name="Main account", identification="DE02", currency="USD",
        created_at=datetime.combine(since, time(9), UTC),
    )  # fmt: skip


async def statement(account_id: UUID, *, opens: date, closes: date) -> None:
    """A file with one statement, and no bookings."""
    data = f"{opens} {closes}".encode()
    file_id = await insert(
        "bank_file", bank_account_id=account_id, sha256=sha256(data).hexdigest(), filename="x",
        format="mt940", importer=2, data=data, lines=0, new_lines=0, imported_by="system",
        imported_at=datetime.combine(closes, time(23), UTC),
    )  # fmt: skip
    await insert(
        "bank_statement", file_id=file_id, bank_account_id=account_id, number="1",
        opens_on=opens, opening_minor=0, closes_on=closes, closing_minor=0,
    )  # fmt: skip
