"""What the clock brings: maturing, reserves and the day's batch, whoever does it."""

import asyncio
from datetime import timedelta

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from settlement.earnings.models import Earning
from settlement.payouts import daily
from settlement.payouts.models import Payout, PayoutBatch, SkippedPayout
from tests.conftest import Database
from tests.counting import counted_statements
from tests.earnings.selling import sold
from tests.payouts.money import credit, make_vendors
from tests.settlement.rows import NOW

pytestmark = [pytest.mark.anyio]

MONDAY = NOW + timedelta(days=35)  # the first after thirty days
RELEASE = NOW + timedelta(days=91)  # a Monday again


async def test_what_matured_is_in_the_days_batch(db: None) -> None:
    await sold("A")

    worked = [await daily.work_off(now=MONDAY) for _ in range(3)]

    assert worked == [1, 1, 0]
    [batch] = await PayoutBatch.all()
    assert (batch.cycle, batch.created_by) == (MONDAY.date().isoformat(), "system")
    assert [row.available_minor for row in await SkippedPayout.all()] == [47_47]


async def test_a_reserve_is_in_the_batch_of_its_day(db: None) -> None:
    await sold("A")
    while await daily.work_off(now=MONDAY):
        pass

    while await daily.work_off(now=RELEASE):
        pass

    skipped = await SkippedPayout.all().order_by("available_minor")
    assert [row.available_minor for row in skipped] == [47_47, 52_75]


async def test_ticks_at_once_do_it_once(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        vendors = await make_vendors(3)
        await credit(vendors, 5_00)
        await sold("AB")

    for _ in range(3):
        await asyncio.gather(*(daily.work_off(now=MONDAY) for _ in range(4)))

    async with transaction(SYSTEM):
        assert await Earning.filter(state="available").count() == 2
        assert await PayoutBatch.all().count() == 1
        assert await Payout.all().count() == 3


async def test_a_day_on_which_nobody_is_paid_looks_at_nobodys_money(
    committed_db: Database,
) -> None:
    async with transaction(SYSTEM):
        await credit(await make_vendors(1), 5_00)

    async with counted_statements() as statements:
        worked = await daily.work_off(now=MONDAY + timedelta(days=1))

    assert worked == 0
    assert [text for text in statements if "ledger_balance" in text] == []
    assert len([text for text in statements if "payout_batch" in text]) == 1


async def test_a_day_that_had_no_batch_is_made_up_for_on_the_next(db: None) -> None:
    await credit(await make_vendors(1), 5_00)
    await daily.work_off(now=MONDAY)
    await credit(await make_vendors(1), 7_00)
    tuesday = MONDAY + timedelta(days=8)

    worked = [await daily.work_off(now=tuesday) for _ in range(2)]

    assert worked == [1, 0]
    assert [payout.amount_minor for payout in await Payout.all().order_by("id")] == [5_00, 7_00]
