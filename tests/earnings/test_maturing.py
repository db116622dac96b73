"""From earned to available: when, how much, and once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from settlement.earnings import maturing
from settlement.earnings.models import Earning, EarningState
from tests.conftest import Database
from tests.counting import counted_statements
from tests.earnings.selling import delivered, sold, vendor_accounts
from tests.settlement.books import hear, posted
from tests.settlement.rows import NOW, insert
from tests.settlement.worked import place, refund, ship

pytestmark = [pytest.mark.anyio]

UNDELIVERED = NOW + timedelta(days=30)
A_NET, A_RESERVE = 52_75, 5_28


async def test_what_nobody_reported_delivered_matures_after_thirty_days(db: None) -> None:
    order = await sold()
    vendor_id = order.parts["A"].vendor_id

    assert await maturing.mature_due(now=UNDELIVERED - timedelta(seconds=1)) == 0
    assert await maturing.mature_due(now=UNDELIVERED) == 1

    assert await posted(f"matured:{order.parts['A'].id}") == {
        "2110 A": A_NET - A_RESERVE, "2120 A": -(A_NET - A_RESERVE),
    }  # fmt: skip
    assert await vendor_accounts(vendor_id) == {"2120": A_NET - A_RESERVE, "2130": A_RESERVE}
    earning = await Earning.get(sub_order_id=order.parts["A"].id)
    assert (earning.state, earning.matured_at) == (EarningState.AVAILABLE, UNDELIVERED)
    assert await maturing.mature_due(now=UNDELIVERED) == 0


async def test_from_delivery_ten_business_days_count(db: None) -> None:
    order = await sold()

    await hear(await delivered(order, "A"))

    earning = await Earning.get(sub_order_id=order.parts["A"].id)
    assert earning.delivered_at == NOW + timedelta(days=1)
    # Delivered on Tuesday 3 March in Berlin; the tenth business day after is Tuesday the 17th.
    assert earning.matures_at == datetime(2026, 3, 17, 23, tzinfo=UTC)


async def test_a_delivery_heard_before_the_shipping_counts_as_well(db: None) -> None:
    order = await place()
    await ship(order, "A")
    news = await delivered(order, "A")

    await hear(news, order.captured(), order.shipped("A"))

    earning = await Earning.get(sub_order_id=order.parts["A"].id)
    assert earning.matures_at == datetime(2026, 3, 17, 23, tzinfo=UTC)


async def test_a_delivery_heard_late_changes_nothing_that_is_available(db: None) -> None:
    order = await sold()
    await maturing.mature_due(now=UNDELIVERED)

    await hear(await delivered(order, "A", days=40))

    earning = await Earning.get(sub_order_id=order.parts["A"].id)
    assert (earning.state, earning.matures_at) == (EarningState.AVAILABLE, UNDELIVERED)
    assert earning.delivered_at == NOW + timedelta(days=40)


async def test_shipping_heard_again_earns_nothing_again(db: None) -> None:
    order = await sold()
    before = await posted()

    await hear(order.shipped("A"))

    assert await posted() == before
    assert await Earning.all().count() == 1


async def test_what_a_refund_left_matures(db: None) -> None:
    order = await sold()
    await hear(await refund(order, {"A": 1}))
    left = (await vendor_accounts(order.parts["A"].vendor_id))["2110"]

    await maturing.mature_due(now=UNDELIVERED)

    assert await vendor_accounts(order.parts["A"].vendor_id) == {"2120": left, "2130": A_RESERVE}


async def test_nothing_left_matures_without_a_posting(db: None) -> None:
    order = await sold(reserve_bps=0)
    await hear(await refund(order, {"A": 3}, shipping_of="A"))

    assert await maturing.mature_due(now=UNDELIVERED) == 1

    assert await posted(f"matured:{order.parts['A'].id}") == {}
    assert (await Earning.get(sub_order_id=order.parts["A"].id)).state is EarningState.AVAILABLE


async def test_an_open_dispute_lets_it_wait(db: None) -> None:
    order = await sold()
    hold_id = await insert(
        "money_hold", vendor_id=order.parts["A"].vendor_id, currency="USD", amount_minor=1,
        taken_from="2110", kind="dispute", state="held", sub_order_id=order.parts["A"].id,
        reason="Not received", placed_by="system", placed_at=NOW,
    )  # fmt: skip

    assert await maturing.mature_due(now=UNDELIVERED) == 0

    await connection().execute(
        "UPDATE money_hold SET state = 'released', ended_at = $2 WHERE id = $1", hold_id, NOW
    )
    assert await maturing.mature_due(now=UNDELIVERED) == 1


async def test_workers_at_once_share_what_is_due(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        orders = [await sold("AB") for _ in range(4)]

    shares = await asyncio.gather(
        *(maturing.mature_due(now=UNDELIVERED, limit=3) for _ in range(4))
    )
    rest = [await maturing.mature_due(now=UNDELIVERED, limit=8) for _ in range(2)]

    assert sum(shares) + sum(rest) == 8
    assert rest[1] == 0
    async with transaction(SYSTEM):
        for order in orders:
            assert await vendor_accounts(order.parts["A"].vendor_id) == {
                "2120": A_NET - A_RESERVE, "2130": A_RESERVE,
            }  # fmt: skip


async def test_many_take_as_many_statements_as_one(committed_db: Database) -> None:
    async with transaction(SYSTEM):
        await sold("AB")
        await sold("AB")

    async with counted_statements() as one:
        assert await maturing.mature_due(now=UNDELIVERED, limit=1) == 1
    async with counted_statements() as many:
        assert await maturing.mature_due(now=UNDELIVERED, limit=3) == 3

    assert len(many) == len(one) == 7
