"""The ledger, or a period of it, as a foreign program has to be told of it."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from settlement import access
from settlement.models import AccountKind
from settlement.reports.journals.naming import account_name

ROWS_AT_ONCE = 500  # kept in memory, of however many there are

_ACCOUNTS = """
    SELECT account.id, account.code, account.kind, account.vendor_id, account.currency,
        vendor.code AS vendor_code
    FROM ledger_account account LEFT JOIN vendor ON vendor.id = account.vendor_id
    ORDER BY account.code, vendor.code, account.currency, account.id
"""
_OPENINGS = """
    SELECT entry.account_id, sum(entry.amount_minor)::bigint AS amount
    FROM ledger_entry entry JOIN ledger_transaction booked ON booked.id = entry.transaction_id
    WHERE booked.effective_date < $1 GROUP BY 1 HAVING sum(entry.amount_minor) <> 0
"""
_ENTRIES = """
    SELECT booked.seq, booked.id, booked.effective_date, booked.kind, booked.idempotency_key,
        booked.source_type, booked.source_id, entry.account_id, entry.amount_minor AS amount,
        entry.purpose, entry.id AS entry_id
    FROM ledger_transaction booked JOIN ledger_entry entry ON entry.transaction_id = booked.id
    WHERE ($1::date IS NULL OR booked.effective_date >= $1)
        AND ($2::date IS NULL OR booked.effective_date <= $2)
    ORDER BY booked.effective_date, booked.seq, entry.id
"""
# What we say the balances are. At the end of all time, the kept ones where one is kept, so that
# the foreign program adds up the entries and compares them with what nobody added up.
_CLOSINGS = """
    SELECT account.id AS account_id, (CASE WHEN $1::date IS NULL AND kept.account_id IS NOT NULL
        THEN kept.debits_minor - kept.credits_minor ELSE coalesce(summed.amount, 0) END)::bigint
        AS amount
    FROM ledger_account account LEFT JOIN ledger_balance kept ON kept.account_id = account.id
    LEFT JOIN (
        SELECT entry.account_id, sum(entry.amount_minor) AS amount FROM ledger_entry entry
        JOIN ledger_transaction booked ON booked.id = entry.transaction_id
        WHERE $1::date IS NULL OR booked.effective_date <= $1 GROUP BY 1
    ) summed ON summed.account_id = account.id
"""
_DAYS = "SELECT min(effective_date) AS first, max(effective_date) AS last FROM ledger_transaction"


@dataclass(frozen=True, slots=True)
class Amount:
    """Debits above zero, in whole units with the currency's own number of digits."""

    account: str
    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


@dataclass(frozen=True, slots=True)
class Line:
    entry_id: int
    purpose: str
    amount: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    seq: int
    id: UUID
    day: date
    kind: str
    key: str
    source: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """`accounts` says in which currencies each is used; openings are what was before `first`."""

    first: date
    last: date
    accounts: Mapping[str, Sequence[str]]
    openings: Sequence[Amount]
    postings: AsyncIterator[Posting]
    closings: Sequence[Amount]


@asynccontextmanager
async def reading(
    *, principal: Principal, today: date, from_day: date | None = None, to_day: date | None = None
) -> AsyncIterator[Journal]:
    """Inside the block the postings can be read once, in the order of their days.

    The block is a read-only transaction with one view of the ledger; an empty ledger's days are
    today. Refuses who is not finance.
    """
    access.check_viewer(principal, "read the ledger")
    async with transaction(principal, isolation="REPEATABLE READ", read_only=True) as connection:
        days = await connection.fetchrow(_DAYS)
        accounts = _Accounts(await connection.fetch(_ACCOUNTS))
        openings = [] if from_day is None else await connection.fetch(_OPENINGS, from_day)
        closings = await connection.fetch(_CLOSINGS, to_day)
        found = connection.cursor(_ENTRIES, from_day, to_day, prefetch=ROWS_AT_ONCE)
        yield Journal(
            first=from_day or days["first"] or today,
            last=to_day or days["last"] or today,
            accounts=accounts.currencies_by_name(),
            openings=accounts.amounts(openings),
            postings=_postings(found, accounts),
            closings=accounts.amounts(closings),
        )


async def _postings(
    found: AsyncIterable[Mapping[str, Any]], accounts: "_Accounts"
) -> AsyncIterator[Posting]:
    """Rows of one posting stand together, so that only one is held in memory."""
    rows: list[Mapping[str, Any]] = []
    async for row in found:
        if rows and rows[0]["seq"] != row["seq"]:
            yield _posting(rows, accounts)
            rows = []
        rows.append(row)
    if rows:
        yield _posting(rows, accounts)


def _posting(rows: Sequence[Mapping[str, Any]], accounts: "_Accounts") -> Posting:
    head = rows[0]
    return Posting(
        seq=head["seq"],
        id=head["id"],
        day=head["effective_date"],
        kind=head["kind"],
        key=head["idempotency_key"],
        source=f"{head['source_type']}-{head['source_id']}",
        lines=[
            Line(row["entry_id"], row["purpose"], accounts.amount(row["account_id"], row["amount"]))
            for row in rows
        ],
    )


class _Accounts:
    """What each account is called, and in which currency it is kept."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._currencies = {row["id"]: str(row["currency"]) for row in rows}
        self._names = {
            row["id"]: account_name(
                code=row["code"],
                kind=AccountKind(row["kind"]),
                vendor_id=row["vendor_id"],
                vendor_code=row["vendor_code"],
            )
            for row in rows
        }

    def amount(self, account_id: int, minor: int) -> Amount:
        money = Money(minor, self._currencies[account_id])
        return Amount(self._names[account_id], money.amount, money.currency)

    def amounts(self, rows: Sequence[Mapping[str, Any]]) -> Sequence[Amount]:
        found = [self.amount(row["account_id"], row["amount"]) for row in rows]
        return sorted(found, key=lambda one: (one.account, one.currency))

    def currencies_by_name(self) -> Mapping[str, Sequence[str]]:
        used: dict[str, list[str]] = {}
        for account_id, name in self._names.items():
            used.setdefault(name, []).append(self._currencies[account_id])
        return {name: sorted(used[name]) for name in sorted(used)}
