"""A refund and the end of its wait at once: whoever is first, nothing moves twice."""

import asyncio
from datetime import timedelta

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from settlement.earnings import locking, maturing
from settlement.earnings.models import Earning
from tests.conftest import Database
from tests.earnings.selling import sold, vendor_accounts
from tests.settlement.books import hear
from tests.settlement.rows import NOW
from tests.settlement.worked import refund
from tests.settlement.worked_parts import Heard, Worked

pytestmark = [pytest.mark.anyio]

MATURE = NOW + timedelta(days=30)


@pytest.fixture
async def order(committed_db: Database) -> Worked:
    async with transaction(SYSTEM):
        return await sold(reserve_bps=0)


@pytest.fixture
async def back(order: Worked) -> Heard:
    async with transaction(SYSTEM):
        return await refund(order, {"A": 1})


async def heard(news: Heard) -> None:
    async with transaction(SYSTEM):
        await hear(news)


async def accounts(order: Worked) -> dict[str, int]:
    async with transaction(SYSTEM):
        return await vendor_accounts(order.parts["A"].vendor_id)


async def moved(order: Worked) -> list[str]:
    """The vendor accounts that the refund was booked on."""
    async with transaction(SYSTEM):
        rows = await connection().fetch(
            "SELECT DISTINCT code FROM ledger_entry JOIN ledger_account account"
            " ON account.id = account_id JOIN ledger_transaction posted"
            " ON posted.id = transaction_id WHERE posted.kind = 'refund' AND code LIKE '21%'"
        )
    return [row["code"] for row in rows]


async def test_a_refund_before_maturity_takes_from_what_waits(order: Worked, back: Heard) -> None:
    await heard(back)
    await maturing.mature_due(now=MATURE)

    assert await moved(order) == ["2110"]
    assert set(await accounts(order)) == {"2120"}


async def test_a_refund_after_maturity_takes_from_what_is_available(
    order: Worked, back: Heard
) -> None:
    await maturing.mature_due(now=MATURE)
    await heard(back)

    assert await moved(order) == ["2120"]
    assert set(await accounts(order)) == {"2120"}


async def test_maturing_passes_by_what_a_refund_holds(order: Worked, back: Heard) -> None:
    booked, go_on = asyncio.Event(), asyncio.Event()

    async def give_back() -> None:
        async with transaction(SYSTEM):
            await hear(back)
            booked.set()
            await go_on.wait()

    refunding = asyncio.create_task(give_back())
    await booked.wait()
    assert await maturing.mature_due(now=MATURE) == 0
    go_on.set()
    await refunding

    assert await maturing.mature_due(now=MATURE) == 1
    assert await moved(order) == ["2110"]
    assert set(await accounts(order)) == {"2120"}


async def test_a_refund_waits_for_maturing_and_then_takes_from_what_is_available(
    order: Worked, back: Heard
) -> None:
    part = order.parts["A"].id
    locked, go_on = asyncio.Event(), asyncio.Event()

    async def mature() -> None:
        async with transaction(SYSTEM):
            await locking.lock([part])
            locked.set()
            await go_on.wait()
            await maturing.mature_due(now=MATURE)

    async def give_back() -> None:
        await locked.wait()
        await heard(back)

    maturity, refunding = asyncio.create_task(mature()), asyncio.create_task(give_back())
    await locked.wait()
    await asyncio.sleep(0.1)
    assert not refunding.done()
    go_on.set()
    await asyncio.gather(maturity, refunding)

    assert await moved(order) == ["2120"]
    assert set(await accounts(order)) == {"2120"}


async def test_all_at_once_end_in_the_same_sum(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        orders = [await sold("AB", reserve_bps=50_00) for _ in range(5)]
        news = [await refund(order, {"A": 1, "B": 1}) for order in orders]

    await asyncio.gather(
        *(heard(each) for each in news),
        *(maturing.mature_due(now=MATURE, limit=2) for _ in range(6)),
        *(heard(each) for each in news),
        return_exceptions=False,
    )
    while await maturing.mature_due(now=MATURE):
        pass

    async with transaction(SYSTEM):
        assert await Earning.filter(state="pending").count() == 0
        sums = set()
        for order in orders:
            for letter in "AB":
                balances = await vendor_accounts(order.parts[letter].vendor_id)
                assert balances.get("2110", 0) == 0
                sums.add((letter, sum(balances.values())))
    assert len(sums) == 2
