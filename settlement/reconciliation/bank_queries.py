"""Bank accounts and files one by one: what a file says, statement by statement, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from settlement import access
from settlement.reconciliation.queries import BankAccountView, BankFileView

_ACCOUNT = """
    SELECT id, code, name, identification, currency, csv_map FROM bank_account WHERE code = $1
"""
_FILES = """
    SELECT bank_file.id, bank_account_id, filename, format, sha256, lines, new_lines, imported_by,
        imported_at, bank_account.code AS bank_account
    FROM bank_file JOIN bank_account ON bank_account.id = bank_file.bank_account_id
    WHERE ($1::uuid IS NULL OR bank_file.id = $1) AND ($2::text[] IS NULL OR sha256 = ANY($2))
    ORDER BY bank_file.id DESC
"""
_STATEMENTS = """
    SELECT bank_statement.number, opens_on, opening_minor, closes_on, closing_minor, currency
    FROM bank_statement JOIN bank_account ON bank_account.id = bank_statement.bank_account_id
    WHERE file_id = $1 ORDER BY opens_on, bank_statement.number
"""
_LINES = """
    SELECT id, reference, end_to_end, booked_on, value_on, is_reversal, amount_minor, currency,
        text, counterparty
    FROM bank_line WHERE file_id = $1 AND ($2::uuid IS NULL OR id > $2)
        AND ($3::uuid IS NULL OR id < $3)
    ORDER BY CASE WHEN $3::uuid IS NULL THEN id END, id DESC LIMIT $4
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementView:
    """What the bank says it held; a balance is None where the file gives none."""

    number: str
    opens_on: date | None
    opening: Money | None
    closes_on: date | None
    closing: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLineView:
    id: UUID
    reference: str
    end_to_end: str | None
    booked_on: date
    value_on: date | None
    is_reversal: bool
    amount: Money
    text: str
    counterparty: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BankFileStory:
    """A file; `lines` are those that no earlier file had brought."""

    head: BankFileView
    statements: Sequence[StatementView]


async def account(*, principal: Principal, code: str) -> BankAccountView:
    """One of the platform's accounts. Refuses NotFound."""
    access.check_viewer(principal, "see bank accounts")
    async with transaction(principal, read_only=True) as connection:
        row = await connection.fetchrow(_ACCOUNT, code)
    if row is None:
        raise NotFound("bank account")
    return BankAccountView(**row)


async def files(*, principal: Principal, digests: Sequence[str]) -> list[BankFileView]:
    """The files with these SHA-256s, the newest first."""
    access.check_viewer(principal, "see bank files")
    async with transaction(principal, read_only=True) as connection:
        rows = await connection.fetch(_FILES, None, list(digests))
    return [BankFileView(**row) for row in rows]


async def file(*, principal: Principal, file_id: UUID) -> BankFileStory:
    """One file with its statements. Refuses NotFound."""
    access.check_viewer(principal, "see bank files")
    async with transaction(principal, read_only=True) as connection:
        row = await connection.fetchrow(_FILES, file_id, None)
        if row is None:
            raise NotFound("bank file")
        found = await connection.fetch(_STATEMENTS, file_id)
    return BankFileStory(
        head=BankFileView(**row),
        statements=[
            StatementView(
                number=one["number"],
                opens_on=one["opens_on"],
                opening=_money(one["opening_minor"], one["currency"]),
                closes_on=one["closes_on"],
                closing=_money(one["closing_minor"], one["currency"]),
            )
            for one in found
        ],
    )


async def lines(
    *,
    principal: Principal,
    file_id: UUID,
    after: UUID | None = None,
    before: UUID | None = None,
    most: int,
) -> list[BankLineView]:
    """What a file brought, in its order, behind `after`; before one, in reverse."""
    access.check_viewer(principal, "see bank files")
    async with transaction(principal, read_only=True) as connection:
        rows = await connection.fetch(_LINES, file_id, after, before, most)
    names = (
        "id", "reference", "end_to_end", "booked_on", "value_on", "is_reversal", "text",
        "counterparty",
    )  # fmt: skip
    return [
        BankLineView(
            amount=Money(row["amount_minor"], row["currency"]),
            **{name: row[name] for name in names},
        )
        for row in rows
    ]


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)
