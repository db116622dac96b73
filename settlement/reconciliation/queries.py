"""Runs, proofs, bank files and matches as finance reads them. Refuses (Forbidden) everybody else.

Breaks are in `break_queries`.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from settlement import access
from settlement.reconciliation import sides
from settlement.reconciliation.sides import Line

_RUNS = """
    SELECT id, number, until, rules, started_by, started_at, inputs_hash, results_hash, cursors,
        files, metrics
    FROM reconciliation_run WHERE $1::int IS NULL OR number < $1 ORDER BY number DESC LIMIT $2
"""
_PROOFS = """
    SELECT cash_proof.*, vendor.name AS vendor_name, bank_account.name AS bank_name
    FROM cash_proof
    LEFT JOIN vendor ON vendor.id = cash_proof.vendor_id
    LEFT JOIN bank_account ON bank_account.id::text = cash_proof.account
    WHERE run_id = $1 ORDER BY is_proven, cash_proof.code, vendor.name, currency
"""
_LAST_OF_DAY = """
    SELECT id FROM reconciliation_run WHERE until = $1 ORDER BY number DESC LIMIT 1
"""
_READ_AT = "SELECT max(pulled_at) AS pulled_at FROM pull_cursor"
_FILES = """
    SELECT bank_file.id, bank_account_id, filename, format, sha256, lines, new_lines, imported_by,
        imported_at, bank_account.code AS bank_account
    FROM bank_file
    JOIN bank_account ON bank_account.id = bank_file.bank_account_id
    WHERE ($1::uuid IS NULL OR bank_account.id = $1) AND ($2::uuid IS NULL OR bank_file.id < $2)
    ORDER BY bank_file.id DESC LIMIT $3
"""
_ACCOUNTS = "SELECT * FROM bank_account ORDER BY code"
# A match says what of one object is found in which book; its key holds the object's name there.
_MATCHES = """
    SELECT match.*, array_agg(matched_item.item ORDER BY item) AS items
    FROM reconciliation_match match JOIN matched_item ON matched_item.match_id = match.id
    WHERE match.id IN (
        SELECT match_id FROM matched_item WHERE item IN (
            SELECT concat_ws(':', 'ledger', posted.id, account.code, account.currency)
            FROM ledger_transaction posted
            JOIN ledger_entry entry ON entry.transaction_id = posted.id
            JOIN ledger_account account ON account.id = entry.account_id
            WHERE posted.source_id = $1))
    GROUP BY match.id ORDER BY match.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """`metrics`: matched, matched_by_rule_bps, open_breaks, unmatched, oldest_days …"""

    id: UUID
    number: int
    until: date
    rules: int
    started_by: str
    started_at: datetime
    inputs_hash: str
    results_hash: str
    cursors: dict[str, str]
    files: list[str]
    metrics: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofView:
    """opening + moved = closing; ledger - closing is explained by breaks and timing, or it is not.

    `stated` is what the provider or the bank itself says it holds, where it was asked.
    """

    account: str
    name: str
    code: str
    vendor_id: UUID | None
    day: date
    opening: Money
    moved: Money
    closing: Money
    stated: Money | None
    ledger: Money
    difference: Money
    breaks: Money
    timing: Money
    explained_by: dict[str, int]
    is_proven: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccountView:
    id: UUID
    code: str
    name: str
    identification: str
    currency: str
    csv_map: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BankFileView:
    id: UUID
    bank_account_id: UUID
    bank_account: str
    filename: str
    format: str
    sha256: str
    lines: int
    new_lines: int
    imported_by: str
    imported_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchView:
    """`passed` and `rule` say how it was known; `confidence` is a percentage."""

    id: UUID
    run_id: UUID
    key: str
    passed: str
    rule: str
    confidence: int
    matched_by: str
    matched_at: datetime
    lines: list[Line]


async def runs(*, principal: Principal, after: int | None = None, most: int = 50) -> list[RunView]:
    """The newest first, from behind the one with the number `after`."""
    rows = await _fetch(principal, _RUNS, after, most)
    parsed = ("cursors", "files", "metrics")
    return [RunView(**{**row, **{name: json.loads(row[name]) for name in parsed}}) for row in rows]


async def proofs(*, principal: Principal, day: date) -> list[ProofView]:
    """Each account on a day by the day's last run, which is the one that counts; what is not
    proven first. Empty where no run looked at that day."""
    found = await _fetch(principal, _LAST_OF_DAY, day)
    return await proofs_of(principal=principal, run_id=found[0]["id"]) if found else []


async def proofs_of(*, principal: Principal, run_id: UUID) -> list[ProofView]:
    """What one run proved, or did not."""
    return [_proof(row) for row in await _fetch(principal, _PROOFS, run_id)]


async def provider_read_at(*, principal: Principal) -> datetime | None:
    """When the provider's books were last read."""
    [row] = await _fetch(principal, _READ_AT)
    read_at: datetime | None = row["pulled_at"]
    return read_at


async def bank_accounts(*, principal: Principal) -> list[BankAccountView]:
    rows = await _fetch(principal, _ACCOUNTS)
    names = ("id", "code", "name", "identification", "currency", "csv_map")
    return [BankAccountView(**{name: row[name] for name in names}) for row in rows]


async def bank_files(
    *,
    principal: Principal,
    bank_account_id: UUID | None = None,
    after: UUID | None = None,
    most: int = 50,
) -> list[BankFileView]:
    """The newest first, from behind `after`."""
    rows = await _fetch(principal, _FILES, bank_account_id, after, most)
    return [BankFileView(**row) for row in rows]


async def matches(*, principal: Principal, object_id: UUID) -> list[MatchView]:
    """How the lines of a capture, refund, payout … were found in the other books."""
    access.check_viewer(principal, "see reconciliation")
    names = ("id", "run_id", "key", "passed", "rule", "confidence", "matched_by", "matched_at")
    async with transaction(principal, read_only=True) as connection:
        return [
            MatchView(lines=await sides.lines(row["items"]), **{name: row[name] for name in names})
            for row in await connection.fetch(_MATCHES, object_id)
        ]


async def _fetch(principal: Principal, sql: str, *arguments: object) -> list[Any]:
    access.check_viewer(principal, "see reconciliation")
    async with transaction(principal, read_only=True) as connection:
        rows: list[Any] = await connection.fetch(sql, *arguments)
        return rows


def _proof(row: Any) -> ProofView:
    def money(name: str) -> Money:
        return Money(row[name], row["currency"])

    return ProofView(
        account=row["account"],
        name=row["vendor_name"] or row["bank_name"] or row["account"].capitalize(),
        code=row["code"],
        vendor_id=row["vendor_id"],
        day=row["day"],
        opening=money("opening_minor"),
        moved=money("moved_minor"),
        closing=money("closing_minor"),
        stated=None if row["stated_minor"] is None else money("stated_minor"),
        ledger=money("ledger_minor"),
        difference=Money(row["closing_minor"] - row["ledger_minor"], row["currency"]),
        breaks=money("breaks_minor"),
        timing=money("timing_minor"),
        explained_by=json.loads(row["explained_by"]),
        is_proven=row["is_proven"],
    )
