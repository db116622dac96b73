"""A batch is drafted once, whole or not at all, beside others, and however many are in it."""

import asyncio

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from settlement.payouts import drafting
from settlement.payouts.models import Payout, PayoutBatch, Statement, StatementLine
from tests.conftest import Database
from tests.counting import counted_statements
from tests.payouts.drafts import MONDAY, WEEK, draft, next_week, pay_all
from tests.payouts.money import NOW, credit, make_vendor, make_vendors

pytestmark = [pytest.mark.anyio]


async def test_a_batch_drafted_again_is_the_same(db: None) -> None:
    vendor = await make_vendor()
    await credit([vendor.id], 5_00)
    first = await draft()
    await credit([vendor.id], 1_00)

    assert await draft() == first
    assert [row.amount_minor for row in await Payout.all()] == [5_00]


async def test_two_at_once_make_one_batch(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        vendors = await make_vendors(3)
        await credit(vendors, 5_00)

    answers = await asyncio.gather(*(draft() for _ in range(4)))

    assert len(set(answers)) == 1
    async with transaction(SYSTEM):
        assert await PayoutBatch.all().count() == 1
        assert await Payout.all().count() == 3
        assert await Statement.all().count() == 3


async def test_what_is_booked_meanwhile_is_in_this_statement_or_in_the_next(
    committed_db: Database,
) -> None:
    async with transaction(SYSTEM):
        [vendor] = await make_vendors(1)
        await credit([vendor], 5_00)

    async def book() -> None:
        async with transaction(SYSTEM):
            await credit([vendor], 1)

    await asyncio.gather(*(book() for _ in range(10)), draft(), *(book() for _ in range(10)))

    async with transaction(SYSTEM):
        [statement] = await Statement.all()
        lines = await StatementLine.all()
        assert statement.closing_minor == sum(line.amount_minor for line in lines)
        await pay_all()
        await next_week()
        assert await StatementLine.all().count() == 1 + 20 + 1


async def test_a_draft_that_dies_leaves_nothing_and_is_made_again(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        vendors = await make_vendors(2)
        await credit(vendors, 5_00)

    def die(done: int, of: int) -> None:
        raise ConnectionAbortedError(f"{done} of {of}")

    with pytest.raises(ConnectionAbortedError):
        await drafting.draft_cycle(day=MONDAY, principal=SYSTEM, now=NOW, tell=die)
    async with transaction(SYSTEM):
        assert await Statement.all().count() == 0

    await draft()

    async with transaction(SYSTEM):
        [batch] = await PayoutBatch.all()
        assert batch.number == 1
        assert await Payout.all().count() == 2


async def test_a_thousand_vendors_take_as_many_statements_as_one(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        many = await make_vendors(1000)
        await credit(many[:1], 5_00)
    async with counted_statements() as for_one:
        await draft()
    async with transaction(SYSTEM):
        await pay_all()
        await credit(many, 5_00)
    told = []

    async with counted_statements() as for_many:
        await drafting.draft_cycle(
            day=MONDAY + WEEK, principal=SYSTEM, now=NOW + WEEK,
            tell=lambda done, of: told.append((done, of)),
        )  # fmt: skip

    async with transaction(SYSTEM):
        assert await Payout.all().count() == 1001
    assert len(for_many) == len(for_one)
    assert told == [(1000, 1000)]
