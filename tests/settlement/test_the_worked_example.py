"""The worked example of the posting rules, line by line, to the cent, through the operations.

Not reached: 01 and 02b (authorisation is a memo outside the books: capture is automatic), a part of
38 (a payout's transfer is taken back whole, as in 38 here), 41 and 44 (02, 04 and 08 to 12 once
more, in another currency).
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from marketplace.kit.principal import SYSTEM
from settlement import recovering
from settlement.adjustments.models import AdjustmentKind
from settlement.disputes import answering
from settlement.disputes.models import Liable
from settlement.payouts import cancelling, drawing, paying
from tests.conftest import Database
from tests.factories import euros
from tests.paying.world import Paying
from tests.payments.world import OVER_HTTP, a_world
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
    await _drawn(example, desk)
    await _failed_and_owed(example)
    await _sent_and_taken_back(example)
    await example.shop.agree([*example.vendors.values()])

    await _by_hand(example)
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


async def _drawn(example: Example, desk: Desk) -> None:
    """The marketplace's own money goes to its bank, and the bank says that it came."""
    await example.ships_for("B", 0)
    await example.ship((await example.sell({"B": 2000_00}))["B"])  # a commission to draw
    await example.days(0.1)
    await example.shop.world.sandbox.door("balance/mature")
    await example.booked()

    await drawing.draw(
        principal=ACCOUNTANT, amount=euros(40_00), key="a form", now=example.now,
        gateway=example.shop.world.connect,
    )  # fmt: skip
    await desk.reconcile()
    assert await example.booked() == [("platform_payout", {"1160": 40_00, "1120": -40_00})]  # 29
    await example.days(4)
    await desk.statement()
    await desk.reconcile()
    assert await example.booked() == [("bank", {"1010": 40_00, "1160": -40_00})]  # 30


async def _failed_and_owed(example: Example) -> None:
    part = (await example.sell({"A": 50_00}, card="pm_card_refundFail"))["A"]
    await example.ship(part)
    await example.deliver(part)
    await example.booked()

    refund_id = await example.refund(part, 7_00)
    assert await example.booked() == [
        ("refund", {"2120 A": 7_00 - 1_05, "4110": 1_05, "1120": -7_00}),  # 31
    ]
    await example.days(0.1)
    assert await example.booked() == [("refund_returned", {"1120": 7_00, "2020": -7_00})]  # 32
    await example.adjust(AdjustmentKind.REFUND_PAID_OTHERWISE, refund_id=refund_id)
    assert await example.booked() == [("adjustment", {"2020": 7_00, "1010": -7_00})]  # 33

    await example.free_of_commission("B")
    last = (await example.sell({"B": 12_00}))["B"]
    await example.ship(last)
    await example.deliver(last)
    await example.shop.world.sandbox.door("balance/mature")
    await example.pay_alone("B")
    await example.booked()
    await example.refund(last, 12_00)
    assert await example.booked() == [("refund", {"2120 B": 12_00, "1120": -12_00})]  # 34
    await example.adjust(AdjustmentKind.VENDOR_RECEIVABLE, 12_00, of="B")
    await example.adjust(AdjustmentKind.WRITE_OFF, 12_00, of="B")
    assert await example.booked() == [
        ("adjustment", {"1310 B": 12_00, "2120 B": -12_00}),  # 35
        ("adjustment", {"6320": 12_00, "1310 B": -12_00}),  # 36
    ]


async def _sent_and_taken_back(example: Example) -> None:
    shop = example.shop
    await example.sell({"B": 300_00})  # so that the platform has money to transfer
    await example.days(0.1)
    available = -await shop.ledger("2120", example.vendors["A"])
    await shop.world.sandbox.door("balance/mature")
    await shop.world.sandbox.fault("payout_fails")
    await shop.pay(await shop.batch())
    await example.days(4)
    payout = await shop.payout(example.vendors["A"])
    assert payout.amount_minor == available
    await example.booked()  # 37, 37b: as 08 and 09

    await cancelling.cancel(
        principal=SYSTEM, payout_id=payout.id, reason="Not yet", now=example.now
    )
    await paying.carry_on_due(gateway=shop.world.connect, now=example.now)
    assert await example.booked() == [
        ("payout_cancelled", {"2140 A": available, "2120 A": -available}),  # 38b
        ("transfer_reversal", {"1120": available, "1140 A": -available}),  # 38
    ]


async def _by_hand(example: Example) -> None:
    await example.adjust(AdjustmentKind.PROVIDER_RESERVE, 10_00)
    await example.adjust(AdjustmentKind.PROVIDER_RESERVE_RELEASED, 10_00)
    await example.adjust(AdjustmentKind.TAX_REMITTED, 2_82)
    sold = {"currency": "USD", "currency_to": "EUR", "amount_to_minor": 108_50}
    await example.adjust(AdjustmentKind.CURRENCY_EXCHANGE, 100_00, **sold)
    bought = {"currency_to": "USD", "amount_to_minor": 85_00}
    await example.adjust(AdjustmentKind.CURRENCY_EXCHANGE, 93_08, **bought)
    await example.adjust(AdjustmentKind.CURRENCY_REVALUATION, 93)

    assert await example.booked() == [
        ("adjustment", {"2210": 2_82, "1010": -2_82}),  # 40
        ("currency", {
            "1900 USD": 100_00, "1120 USD": -100_00, "1120": 108_50, "1900": -108_50}),  # 42
        ("currency", {
            "1900": 93_08, "1120": -93_08, "1120 USD": 85_00, "1900 USD": -85_00}),  # 43
        ("currency", {"4410": 93, "1900": -93}),  # 45
        ("provider_reserve", {"1130": 10_00, "1120": -10_00}),  # 39
        ("provider_reserve", {"1120": 10_00, "1130": -10_00}),  # 39b
    ]  # fmt: skip
