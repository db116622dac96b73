"""The worked example of the posting rules, line by line, to the cent, through the operations.

Not reached: 01 and 02b (authorisation is a memo outside the books: capture is automatic).
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from settlement import recovering
from settlement.adjustments.models import AdjustmentKind
from settlement.disputes import answering
from settlement.disputes.models import Liable
from tests.conftest import Database
from tests.paying.world import Paying
from tests.payments.world import OVER_HTTP, a_world
from tests.settlement import the_later_lines as later
from tests.settlement.people import ACCOUNTANT
from tests.settlement.reconciliation.desk import Desk, a_desk
from tests.settlement.the_example import Example

pytestmark = OVER_HTTP


@pytest.fixture
async def example(committed_db: Database, tmp_path: Path) -> AsyncIterator[Example]:
    async with a_world(tmp_path) as world:
        example = Example(Paying(world))
        await example.open()
        yield example


@pytest.fixture
async def desk(example: Example, committed_db: Database) -> AsyncIterator[Desk]:
    desk = await a_desk(example.shop.world, committed_db.owner_url)
    yield desk
    await desk.books.close()


async def test_every_line_of_it_is_booked_by_what_happens(example: Example, desk: Desk) -> None:
    await _sold_and_paid_out(example)
    await _refunded_and_recovered(example)
    await _disputed(example)
    await later.drawn(example, desk)
    await later.failed_and_owed(example)
    await later.sent_and_taken_back(example)
    await example.shop.agree([*example.vendors.values()])

    await later.sold_for_dollars(example)
    await later.by_hand(example)
    await later.paid_in_dollars(example)
    await example.assert_sound()


async def _sold_and_paid_out(example: Example) -> None:
    parts = await example.sell({"A": 55_00, "B": 40_00}, code="ten", tax="standard")
    await example.hear()
    await example.days(0.1)
    example.parts = parts
    assert await example.booked() == [
        ("capture", {"1120": 102_60, "2010": -102_60}),  # 02
        ("provider_fee", {"6210": 3_28, "1120": -3_28}),  # 03
    ]

    await example.ship(parts["A"])
    assert await example.booked() == [
        ("earning", {  # 04A and 05A
            "2010": 59_63, "6110": 5_79, "2110 A": -61_00 + 8_25, "2210": -4_42, "4110": -8_25}),
        ("reserve_held", {"2110 A": 5_28, "2130 A": -5_28}),  # 06
    ]  # fmt: skip
    await example.ship(parts["B"])
    assert await example.booked() == [
        ("earning", {  # 04B and 05B
            "2010": 42_97, "6110": 4_21, "2110 B": -44_00 + 4_80, "2210": -3_18, "4110": -4_00,
            "2220": -80}),
    ]  # fmt: skip

    await example.deliver(parts["A"])
    assert await example.booked() == [("matured", {"2110 A": 47_47, "2120 A": -47_47})]  # 07

    shop = example.shop
    await shop.world.sandbox.door("balance/mature")
    await shop.world.sandbox.fault("payout_fails")
    await shop.pay(await shop.batch())
    await example.days(4)
    assert await example.booked() == [
        ("payout_failed", {"1140 A": 47_47, "1150 A": -47_47}),  # 11
        ("payout_reserved", {"2120 A": 47_47, "2140 A": -47_47}),  # 08
        ("payout_sent", {"1150 A": 47_47, "1140 A": -47_47}),  # 10
        ("transfer", {"1140 A": 47_47, "1120": -47_47}),  # 09
    ]
    await shop.tick(days=2)
    await example.days(4)
    assert await example.booked() == [
        ("payout_paid", {"2140 A": 47_47, "1150 A": -47_47}),  # 12
        ("payout_sent", {"1150 A": 47_47, "1140 A": -47_47}),  # 11b
    ]


async def _refunded_and_recovered(example: Example) -> None:
    await example.refund(example.parts["B"], shipping_too=True)
    assert await example.booked() == [
        ("refund", {  # 13 and 14
            "2110 B": 44_00 - 4_80, "2210": 3_18, "1120": -42_97, "6110": -4_21, "4110": 4_00,
            "2220": 80}),
    ]  # fmt: skip

    await example.agree("A", reserve_bps=0)
    more = (await example.sell({"A": 28_24}))["A"]
    await example.days(0.1)
    await example.shop.world.sandbox.door("balance/mature")
    await example.booked()
    await example.refund(example.parts["A"], 21_60)
    assert await example.booked() == [
        ("refund", {  # 15 and 16
            "2120 A": 22_35 - 3_35, "2210": 1_60, "1120": -21_60, "6110": -2_35, "4110": 3_35}),
    ]  # fmt: skip
    assert await recovering.recover_due(now=example.now) == 1
    assert await example.booked() == [("reserve_used", {"2130 A": 5_28, "2120 A": -5_28})]  # 17

    await example.ship(more)
    await example.booked()
    await example.deliver(more)
    assert await example.booked() == [("matured", {"2110 A": 30_00, "2120 A": -30_00})]  # 18
    await example.adjust(AdjustmentKind.PENALTY, 5_00)
    await example.adjust(AdjustmentKind.GOODWILL, 3_00)
    assert await example.booked() == [
        ("adjustment", {"2120 A": 5_00, "4310": -5_00}),  # 19
        ("adjustment", {"6410": 3_00, "2120 A": -3_00}),  # 20
    ]


TAKEN = ("dispute", {"1210": 50_00, "6220": 15_00, "1120": -65_00})  # 22 and 25
HELD = ("hold", {"2120 A": 42_50, "2150 A": -42_50})  # 23 and 25b


async def _disputed(example: Example) -> None:
    await example.ships_for("A", 0)
    parts = [(await example.sell({"A": 50_00}))["A"] for _ in range(3)]
    await example.days(0.1)
    await example.booked()
    for part in parts:
        await example.ship(part)
        [earned] = await example.booked()
        assert earned == ("earning", {"2010": 50_00, "2110 A": -42_50, "4110": -7_50})  # 21a, 21b
        await example.deliver(part)
        assert await example.booked() == [("matured", {"2110 A": 42_50, "2120 A": -42_50})]

    won = await example.dispute(parts[0])
    assert await example.booked() == [TAKEN, HELD]
    await example.decide(won, "win")
    assert await example.booked() == [
        ("dispute_won", {"1120": 50_00, "1210": -50_00}),  # 24w
        ("hold_released", {"2150 A": 42_50, "2120 A": -42_50}),  # 24w2
    ]

    lost = await example.dispute(parts[1])
    assert await example.booked() == [TAKEN, HELD]
    await example.decide(lost, "lose")
    await example.adjust(AdjustmentKind.DISPUTE_FEE_RECHARGE, 15_00, dispute_id=lost.id)
    assert await example.booked() == [
        ("adjustment", {"2120 A": 15_00, "6220": -15_00}),  # 27l
        ("dispute_lost", {"2150 A": 42_50, "4110": 7_50, "1210": -50_00}),  # 26l
    ]

    ours = await example.dispute(parts[2])
    await answering.make_liable(
        principal=ACCOUNTANT, dispute_id=ours.id, liable=Liable.PLATFORM, now=example.now
    )
    assert await example.booked() == [TAKEN, HELD]  # 28l
    await example.decide(ours, "lose")
    assert await example.booked() == [
        ("dispute_lost", {"6310": 50_00, "1210": -50_00}),  # 28l2
        ("hold_released", {"2150 A": 42_50, "2120 A": -42_50}),
    ]
