"""What PostgreSQL refuses, tried with the application's own role and its own SQL."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import transaction
from marketplace_runtime.embedded.databases import APP, OWNER
from marketplace_runtime.embedded.services import RunningServices
from marketplace_runtime.orm import connected
from settlement.models import AccountingPeriod, LedgerAccount, LedgerEntry, LedgerTransaction
from tests.conftest import Database
from tests.settlement.breaking import (
    CHECK,
    DUPLICATE,
    EXCLUDED,
    FOREIGN,
    SEALED,
    VIOLATIONS,
    Books,
    entry,
    header,
    open_books,
    posting,
)

pytestmark = [pytest.mark.anyio]


@pytest.fixture(scope="module")
def rules_database(services: RunningServices, template: Database) -> Iterator[Database]:
    """One for all that is refused here: what was refused has changed nothing."""
    name = "souk_ledger_rules"
    services.ensure_database(name, template=template.name)
    yield Database(
        name, services.database_url(name, role=APP), services.database_url(name, role=OWNER)
    )
    services.drop_database(name)


@pytest.fixture
async def books(rules_database: Database) -> AsyncIterator[Books]:
    async with connected(rules_database.url):
        yield await open_books()


@pytest.mark.parametrize(
    ("violate", "state"), VIOLATIONS, ids=[violate.__name__ for violate, _ in VIOLATIONS]
)
async def test_the_application_cannot_break_the_ledger(
    books: Books, violate: Callable[[Any, Books], Awaitable[None]], state: str
) -> None:
    before = await written()

    with pytest.raises(asyncpg.PostgresError) as refused:
        async with transaction(SYSTEM) as inside:
            await violate(inside, books)

    assert refused.value.sqlstate == state
    assert await written() == before


async def written() -> tuple[int, int, int, int]:
    """Postings, entries, what they add up to without signs, and periods."""
    async with transaction(SYSTEM, read_only=True):
        amounts = [entry.amount_minor for entry in await LedgerEntry.all()]
        return (
            await LedgerTransaction.all().count(),
            len(amounts),
            sum(abs(amount) for amount in amounts),
            await AccountingPeriod.all().count(),
        )


async def test_a_closed_period_takes_no_posting(committed_db: Database) -> None:
    books = await open_books()
    owner = await asyncpg.connect(committed_db.owner_url)
    await owner.execute("UPDATE accounting_period SET status = 'closed'")
    await owner.close()

    with pytest.raises(asyncpg.CheckViolationError, match="is closed"):
        async with transaction(SYSTEM) as inside:
            await posting(inside, books.money, books.owed)


async def test_a_month_behind_a_closed_one_does_not_open(committed_db: Database) -> None:
    await open_books()
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
    "TRUNCATE ledger_entry, ledger_transaction, statement_line": SEALED,
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
    books: Books, rules_database: Database
) -> None:
    owner = await asyncpg.connect(rules_database.owner_url)
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
    books: Books, rules_database: Database, statement: str
) -> None:
    owner = await asyncpg.connect(rules_database.owner_url)
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
