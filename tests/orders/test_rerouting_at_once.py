"""Refusals that race each other: the last pieces go to one of them, and nothing waits for ever."""

import asyncio

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.orders.models import SubOrder
from marketplace.payments.models import Refund
from settlement.invariants.checking import check_all
from tests.conftest import Database
from tests.factories import make_offer, make_paid_order, parts_of, stock_of
from tests.orders.rerouting import refuse

pytestmark = pytest.mark.anyio


async def violations() -> str:
    async with transaction(SYSTEM, read_only=True, isolation="REPEATABLE READ"):
        report = await check_all(connection())
        return "\n".join(str(each) for each in report.violations)


async def test_two_refusals_want_the_same_last_pieces(committed_db: Database) -> None:
    mine = await make_offer(on_hand=4)
    theirs = await make_offer(like=mine, on_hand=2)
    orders = [await make_paid_order({mine.id: 2}) for _ in range(2)]
    parts = [(await parts_of(order_id))[0] for order_id in orders]

    await asyncio.gather(*(refuse(part) for part in parts))

    assert sorted([len(await parts_of(order_id)) for order_id in orders]) == [1, 2]
    assert await stock_of(theirs.id) == (2, 2)
    async with transaction(SYSTEM, read_only=True):
        assert await Refund.all().count() == 1
    assert await violations() == ""


async def test_one_refusal_sent_twice_moves_the_units_once(committed_db: Database) -> None:
    mine = await make_offer()
    await make_offer(like=mine)
    order_id = await make_paid_order({mine.id: 2})
    [part] = await parts_of(order_id)

    answers = await asyncio.gather(*(refuse(part) for _ in range(4)), return_exceptions=True)

    assert sum(isinstance(answer, SubOrder) for answer in answers) == 1
    assert len(await parts_of(order_id)) == 2
    assert await violations() == ""


async def test_orders_that_change_places_do_not_wait_for_each_other(
    committed_db: Database,
) -> None:
    mine = await make_offer(on_hand=20)
    theirs = await make_offer(like=mine, on_hand=20)
    orders = [await make_paid_order({offer.id: 1}) for offer in (mine, theirs) for _ in range(6)]
    parts = [(await parts_of(order_id))[0] for order_id in orders]

    await asyncio.wait_for(asyncio.gather(*(refuse(part) for part in parts)), timeout=60)

    assert {len(await parts_of(order_id)) for order_id in orders} == {2}
    assert (await stock_of(mine.id), await stock_of(theirs.id)) == ((20, 6), (20, 6))
    assert await violations() == ""
