"""A vendor's connection sees its own rows between earning and payout, and changes none."""

from uuid import UUID, uuid4

import asyncpg
import pytest

from marketplace.kit.money import Money
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole
from marketplace.kit.transactions import transaction
from settlement.earnings import holding, maturing
from settlement.payouts import drafting, freezing
from tests.conftest import Database
from tests.earnings.selling import sold
from tests.payouts.money import connect, credit, make_vendors, staff
from tests.payouts.terms import agree
from tests.payouts.test_daily import MONDAY

pytestmark = [pytest.mark.anyio]

OWNED = (
    "settlement_terms", "earning", "reserve_hold", "money_hold", "payout", "skipped_payout",
    "payout_freeze", "statement", "statement_line", "settlement_change", "connected_account",
)  # fmt: skip
STAFFS = ("payout_policy", "payout_approval")


@pytest.fixture
async def vendors(committed_db: Database) -> tuple[UUID, UUID]:
    """Two that have a row in each of the tables: paid in one currency, skipped in the other."""
    async with transaction(SYSTEM):
        order = await sold("AB")
        mine, theirs = (order.parts[letter].vendor_id for letter in "AB")
        await connect([mine, theirs])
        for vendor_id in (mine, theirs):
            await agree(vendor_id, at=MONDAY, minimums={"EUR": 10_00})
        await credit([mine, theirs], 5_00, currency="EUR")
        await maturing.mature_due(now=MONDAY)
        for vendor_id in (mine, theirs):
            await holding.place(
                principal=staff(StaffRole.ACCOUNTANT), vendor_id=vendor_id,
                amount=Money(1, "USD"), reason="Whose is it?", now=MONDAY,
            )  # fmt: skip
        await drafting.draft_cycle(day=MONDAY.date(), principal=SYSTEM, now=MONDAY)
        for vendor_id in (mine, theirs):
            await freezing.freeze(
                principal=SYSTEM, vendor_id=vendor_id, reason="Fraud?", now=MONDAY
            )
    return mine, theirs


async def test_a_vendor_sees_its_own_rows_alone(vendors: tuple[UUID, UUID]) -> None:
    mine, theirs = vendors
    query = " UNION ".join(
        f"SELECT '{table}' AS name, vendor_id FROM {table} WHERE vendor_id IS NOT NULL"
        for table in OWNED
    )

    async with transaction(SYSTEM) as inside:
        everything = {tuple(row) for row in await inside.fetch(query)}
    async with transaction(Principal(Kind.VENDOR, uuid4(), mine)) as inside:
        seen = {tuple(row) for row in await inside.fetch(query)}

    assert everything == {(table, vendor_id) for table in OWNED for vendor_id in (mine, theirs)}
    assert seen == {(table, mine) for table in OWNED}


async def test_who_decides_is_staffs_to_know(vendors: tuple[UUID, UUID]) -> None:
    me = Principal(Kind.VENDOR, uuid4(), vendors[0])

    async with transaction(me) as inside:
        assert [await inside.fetchval(f"SELECT count(*) FROM {table}") for table in STAFFS] == [
            0, 0,
        ]  # fmt: skip
        assert await inside.fetchval("SELECT count(*) FROM payout_batch") == 1


async def test_a_batch_without_the_vendor_does_not_exist(vendors: tuple[UUID, UUID]) -> None:
    async with transaction(SYSTEM):
        [stranger] = await make_vendors(1)

    async with transaction(Principal(Kind.VENDOR, uuid4(), stranger)) as inside:
        assert await inside.fetchval("SELECT count(*) FROM payout_batch") == 0


async def test_a_vendor_changes_nothing(vendors: tuple[UUID, UUID]) -> None:
    me = Principal(Kind.VENDOR, uuid4(), vendors[0])
    done = {}

    async with transaction(me) as inside:
        for table in (*OWNED, *STAFFS, "payout_batch"):
            try:
                async with transaction(me):
                    done[table] = await inside.execute(f"DELETE FROM {table}")
            except asyncpg.InsufficientPrivilegeError:
                pass  # a right that is missing says so; a policy that is missing finds no row

    assert set(done.values()) == {"DELETE 0"}
