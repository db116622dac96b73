"""What PostgreSQL refuses, tried with the application's own role and its own SQL."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import transaction
from settlement.models import AccountingPeriod, LedgerAccount, LedgerEntry, LedgerTransaction
from tests.conftest import Database
from tests.settlement.breaking import (
    CHECK,
    DAY,
    DUPLICATE,
    EXCLUDED,
    FOREIGN,
    SEALED,
    VIOLATIONS,
    Books,
    entry,
    header,
    posting,
)

pytestmark = [pytest.mark.anyio]


@pytest.fixture
async def books(committed_db: Database) -> Books:
    async with transaction(SYSTEM) as inside:

        async def account(code: str, kind: str, currency: str, floor: int | None = None) -> int:
            made: int = await inside.fetchval(
                "INSERT INTO ledger_account (code, kind, currency, floor_minor)"
                " VALUES ($1, $2, $3, $4) RETURNING id",
                code, kind, currency, floor,
            )  # fmt: skip
            return made

        await inside.execute("SELECT ledger_open_period($1)", DAY)
        money = await account("1120", "asset", "USD")
        owed = await account("2010", "liability", "USD")
        euros = await account("2010", "liability", "EUR")
        floored = await account("2130", "liability", "USD", 0)
        return Books(money, owed, euros, floored, await posting(inside, money, owed))


@pytest.mark.parametrize(
    ("violate", "state"), VIOLATIONS, ids=[violate.__name__ for violate, _ in VIOLATIONS]
)
async def test_the_application_cannot_break_the_ledger(
    books: Books, violate: Callable[[Any, Books], Awaitable[None]], state: str
) -> None:
    with pytest.raises(asyncpg.PostgresError) as refused:
        async with transaction(SYSTEM) as inside:
            await violate(inside, books)

    assert refused.value.sqlstate == state
    async with transaction(SYSTEM):
        assert await LedgerTransaction.all().count() == 1
        entries = await LedgerEntry.all().order_by("id")
        assert [left.amount_minor for left in entries] == [100, -100]
        assert await AccountingPeriod.all().count() == 1


async def test_a_closed_period_takes_no_posting(books: Books, committed_db: Database) -> None:
    owner = await asyncpg.connect(committed_db.owner_url)
    await owner.execute("UPDATE accounting_period SET status = 'closed'")
    await owner.close()

    with pytest.raises(asyncpg.CheckViolationError, match="is closed"):
        async with transaction(SYSTEM) as inside:
            await posting(inside, books.money, books.owed)


async def test_a_month_behind_a_closed_one_does_not_open(
    books: Books, committed_db: Database
) -> None:
    owner = await asyncpg.connect(committed_db.owner_url)
    await owner.execute("UPDATE accounting_period SET status = 'closed'")
    await owner.close()

    with pytest.raises(asyncpg.CheckViolationError, match="closed already"):
        async with transaction(SYSTEM) as inside:
            await inside.execute("SELECT ledger_open_period($1)", date(2026, 2, 1))


OWNER_CHANGES = {
    "UPDATE ledger_entry SET amount_minor = 1": SEALED,
    "UPDATE ledger_transaction SET effective_date = effective_date - 1": SEALED,
    "DELETE FROM ledger_entry": SEALED,
    "DELETE FROM ledger_transaction": SEALED,
    "TRUNCATE ledger_entry, ledger_transaction": SEALED,
    "UPDATE ledger_account SET kind = 'asset'": SEALED,
    "DELETE FROM ledger_account": SEALED,
    "DELETE FROM ledger_balance": SEALED,
    "UPDATE accounting_period SET ends = ends - 1": SEALED,
    "DELETE FROM accounting_period": SEALED,
    "UPDATE currency SET exponent = 3": SEALED,
    "INSERT INTO accounting_period (starts, ends) VALUES ('2026-03-15', '2026-04-14')": EXCLUDED,
    "INSERT INTO ledger_account (code, kind, currency) VALUES ('1120', 'liability', 'CHF')": CHECK,
    "INSERT INTO ledger_account (code, kind, currency) VALUES ('1120', 'asset', 'USD')": DUPLICATE,
    "INSERT INTO ledger_account (code, kind, currency) VALUES ('1120', 'asset', 'XXX')": FOREIGN,
}


async def test_not_even_the_owner_changes_what_is_written(
    books: Books, committed_db: Database
) -> None:
    owner = await asyncpg.connect(committed_db.owner_url)
    states = {}
    for statement in OWNER_CHANGES:
        with pytest.raises(asyncpg.PostgresError) as refused:
            await owner.execute(statement)
        states[statement] = refused.value.sqlstate
    await owner.close()

    assert states == OWNER_CHANGES


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_balance SET credits_minor = credits_minor + 1",
        "UPDATE accounting_period SET status = 'closed'",
        "UPDATE ledger_account SET floor_minor = NULL",
        "INSERT INTO ledger_balance (account_id) SELECT min(id) FROM ledger_account",
        "INSERT INTO currency (code, exponent) VALUES ('XXX', 2)",
    ],
)
async def test_the_application_keeps_its_hands_off_what_the_database_keeps(
    books: Books, committed_db: Database, statement: str
) -> None:
    owner = await asyncpg.connect(committed_db.owner_url)
    query = """SELECT (SELECT json_agg(b) FROM ledger_balance b)::text
        || (SELECT json_agg(p) FROM accounting_period p)::text
        || (SELECT json_agg(a) FROM ledger_account a)::text
        || (SELECT count(*) FROM currency)"""
    before = await owner.fetchval(query)

    async with transaction(SYSTEM) as inside:
        try:
            async with transaction(SYSTEM):
                await inside.execute(statement)
        except asyncpg.InsufficientPrivilegeError:
            pass  # a grant that is missing says so; a policy that is missing finds no row

    assert await owner.fetchval(query) == before
    await owner.close()


async def test_entries_written_inside_a_savepoint_are_accepted(books: Books) -> None:
    async with transaction(SYSTEM) as inside:
        made = await header(inside)
        async with transaction(SYSTEM):
            await entry(inside, made, books.money, 7)
        async with transaction(SYSTEM):
            await entry(inside, made, books.owed, -7)

    async with transaction(SYSTEM):
        assert await LedgerEntry.filter(transaction_id=made).count() == 2


async def test_a_vendors_connection_sees_its_own_entries_and_writes_none(books: Books) -> None:
    mine, theirs = uuid4(), uuid4()
    async with transaction(SYSTEM) as inside:
        for vendor_id in (mine, theirs):
            account = await inside.fetchval(
                "INSERT INTO ledger_account (code, kind, currency, vendor_id)"
                " VALUES ('2110', 'liability', 'USD', $1) RETURNING id",
                vendor_id,
            )
            await posting(inside, books.money, account)
    vendor = Principal(Kind.VENDOR, id=uuid4(), vendor_id=mine)

    async with transaction(vendor) as inside:
        accounts = await LedgerAccount.all()
        entries = await LedgerEntry.all()
        assert [account.vendor_id for account in accounts] == [mine]
        assert [(row.vendor_id, row.amount_minor) for row in entries] == [(mine, -100)]
        assert await LedgerTransaction.all().count() == 1
        assert await inside.fetchval("SELECT count(*) FROM ledger_balance") == 1

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(vendor) as inside:
            await posting(inside, accounts[0].id, accounts[0].id)
