"""Bank files, kept byte for byte and read once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.money import EXPONENTS
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic, connection
from settlement import access
from settlement.bank_files import detecting
from settlement.bank_files.csv_map import CsvMap
from settlement.bank_files.statements import Statement, StatementLine
from settlement.reconciliation import telling_apart
from settlement.reconciliation.errors import ImportedElsewhere, WrongBankAccount
from settlement.reconciliation.telling_apart import Period

IMPORTER = 2  # a change in how a file is read is a new number
FILENAME_KEPT = 200  # characters

_ACCOUNT = "SELECT * FROM bank_account WHERE id = $1 FOR UPDATE"
_KNOWN = """
    SELECT bank_file.id, lines, bank_account_id, bank_account.name FROM bank_file
    JOIN bank_account ON bank_account.id = bank_account_id WHERE sha256 = $1
"""
_FILE = """
    INSERT INTO bank_file (id, bank_account_id, sha256, filename, format, importer, data, lines,
        new_lines, imported_by, imported_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_STATEMENT = """
    INSERT INTO bank_statement (id, file_id, bank_account_id, number, opens_on, opening_minor,
        closes_on, closing_minor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
# Statements overlap and banks send them again: a line that is known stays as it is.
_FRESH = """
    SELECT line.position FROM jsonb_to_recordset($2::jsonb) line (position int, reference text,
        booked_on date, amount_minor bigint, running int)
    WHERE NOT EXISTS (SELECT 1 FROM bank_line known WHERE known.bank_account_id = $1
        AND (known.reference, known.booked_on, known.amount_minor, known.running)
            = (line.reference, line.booked_on, line.amount_minor, line.running))
"""
_LINES = """
    INSERT INTO bank_line (id, bank_account_id, file_id, reference, end_to_end, booked_on,
        amount_minor, currency, running, text, counterparty, statement_id, value_on, is_reversal)
    SELECT line.id, $1, $2, line.reference, line.end_to_end, line.booked_on, line.amount_minor,
        line.currency, line.running, line.text, line.counterparty, line.statement_id,
        line.value_on, line.is_reversal
    FROM jsonb_to_recordset($3::jsonb) line (id uuid, reference text, end_to_end text,
        booked_on date, amount_minor bigint, currency text, running int, text text,
        counterparty text, statement_id uuid, value_on date, is_reversal boolean)
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """`is_new` is False where these very bytes were imported before: nothing was done then."""

    file_id: UUID
    is_new: bool
    lines: int
    new_lines: int


@atomic()
async def import_bank_file(
    *,
    principal: Principal,
    bank_account_id: UUID,
    data: bytes,
    filename: str,
    csv_map: CsvMap | None = None,
    now: datetime,
) -> Imported:
    """Keep a file and what it says. For accountants.

    The account's saved map is used for CSV where none is given. The same bytes again change
    nothing; lines that another file brought stay as they are. Refuses NotFound, a file about
    another account or currency (WrongBankAccount), bytes that were imported into another account
    (ImportedElsewhere), and what `bank_files` refuses.
    """
    access.check_accountant(principal, "import bank files")
    account = await connection().fetchrow(_ACCOUNT, bank_account_id)
    if account is None:
        raise NotFound("bank account")
    digest = sha256(data).hexdigest()
    known = await _known(digest, bank_account_id)
    if known is not None:
        return known
    saved = account["csv_map"]
    read_by = csv_map or (None if saved is None else CsvMap.from_json(saved))
    statements = detecting.read(data, csv_map=read_by, currency_exponents=EXPONENTS)
    for statement in statements:
        _check_account(statement, account)

    named = {new_id(now): statement for statement in statements}
    rows = [_row(line, id_) for id_, statement in named.items() for line in statement.lines]
    periods = {id_: _period(id_, statement) for id_, statement in named.items()}
    await telling_apart.number(bank_account_id, periods, rows)
    fresh = await connection().fetch(_FRESH, bank_account_id, json.dumps(_identities(rows)))
    new = [rows[one["position"]] | {"id": str(new_id(now))} for one in fresh]
    file_id = new_id(now)
    await connection().execute(
        _FILE, file_id, bank_account_id, digest, filename[:FILENAME_KEPT],
        detecting.format_of(data), IMPORTER, data, len(rows), len(new), principal.key, now,
    )  # fmt: skip
    await _keep_statements(named, file_id, bank_account_id)
    await connection().execute(_LINES, bank_account_id, file_id, json.dumps(new))
    return Imported(file_id, True, len(rows), len(new))


async def _known(digest: str, bank_account_id: UUID) -> Imported | None:
    """What the same bytes brought before; refuses those of another account."""
    known = await connection().fetchrow(_KNOWN, digest)
    if known is None:
        return None
    if known["bank_account_id"] != bank_account_id:
        raise ImportedElsewhere(known["name"])
    return Imported(known["id"], False, known["lines"], 0)


def _check_account(statement: Statement, account: Any) -> None:
    found = (statement.account.replace(" ", ""), statement.currency)
    expected = (account["identification"], account["currency"])
    if found != expected:
        raise WrongBankAccount(found=" ".join(found), expected=" ".join(expected))


def _row(line: StatementLine, statement_id: UUID) -> dict[str, Any]:
    return {
        "statement_id": str(statement_id),
        "value_on": line.value_on and line.value_on.isoformat(),
        "is_reversal": line.is_reversal,
        "reference": line.bank_reference[:140],
        "end_to_end": line.end_to_end_reference and line.end_to_end_reference[:140],
        "booked_on": line.booked_on.isoformat(),
        "amount_minor": line.amount_minor,
        "currency": line.currency,
        "text": line.text[:500],
        "counterparty": line.counterparty and line.counterparty[:200],
        "running": 0,
    }


def _period(statement_id: UUID, statement: Statement) -> Period | None:
    """None where balances are missing, or the same before and after: they prove no order."""
    if (
        statement.opening_date is None
        or statement.closing_date is None
        or statement.opening_minor is None
        or statement.closing_minor is None
        or statement.opening_minor == statement.closing_minor
    ):
        return None
    return Period(
        id=statement_id,
        opens_on=statement.opening_date,
        opening_minor=statement.opening_minor,
        closes_on=statement.closing_date,
        closing_minor=statement.closing_minor,
    )


def _identities(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    names = ("reference", "booked_on", "amount_minor", "running")
    return [
        {"position": position, **{name: row[name] for name in names}}
        for position, row in enumerate(rows)
    ]


async def _keep_statements(
    statements: Mapping[UUID, Statement], file_id: UUID, bank_account_id: UUID
) -> None:
    await connection().executemany(
        _STATEMENT,
        [
            (
                statement_id,
                file_id,
                bank_account_id,
                statement.number[:80],
                statement.opening_date,
                statement.opening_minor,
                statement.closing_date,
                statement.closing_minor,
            )
            for statement_id, statement in statements.items()
        ],
    )
