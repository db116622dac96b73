"""The worked example from its line 29 on: what is drawn, fails, is owed and is booked by hand."""

from settlement.adjustments.models import AdjustmentKind
from settlement.payouts import cancelling, drawing, paying
from tests.factories import euros
from tests.settlement.people import ACCOUNTANT, APPROVER
from tests.settlement.reconciliation.desk import Desk
from tests.settlement.the_example import Example


async def drawn(example: Example, desk: Desk) -> None:
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


async def failed_and_owed(example: Example) -> None:
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


async def sent_and_taken_back(example: Example) -> None:
    shop = example.shop
    await example.sell({"B": 300_00})  # so that the platform has money to transfer
    await example.days(0.1)
    available = -await shop.ledger("2120", example.vendors["A"])
    await example.hold("A", available - 25_00)
    await shop.world.sandbox.door("balance/mature")
    await shop.world.sandbox.fault("payout_fails")
    await example.booked()
    await shop.pay(await shop.batch())
    booked = await example.booked()
    assert ("payout_reserved", {"2120 A": 25_00, "2140 A": -25_00}) in booked  # 37
    assert ("transfer", {"1140 A": 25_00, "1120": -25_00}) in booked  # 37b
    await example.days(4)
    assert await example.booked() == [("payout_failed", {"1140 A": 25_00, "1150 A": -25_00})]

    payout = await shop.payout(example.vendors["A"])
    await cancelling.shorten(
        principal=APPROVER, payout_id=payout.id, amount_minor=10_00, reason="Sent too much",
        key="38", now=example.now,
    )  # fmt: skip
    await paying.carry_on_due(gateway=shop.world.connect, now=example.now)
    assert await example.booked() == [
        ("payout_cancelled", {"2140 A": 10_00, "2120 A": -10_00}),  # 38b
        ("transfer_reversal", {"1120": 10_00, "1140 A": -10_00}),  # 38
    ]
    await shop.tick(days=2)
    await example.days(4)
    assert await example.booked() == [
        ("payout_paid", {"2140 A": 15_00, "1150 A": -15_00}),
        ("payout_sent", {"1150 A": 15_00, "1140 A": -15_00}),
    ]


async def sold_for_dollars(example: Example) -> None:
    """The same in another currency: one that the marketplace is not told in."""
    await example.free_of_commission("A")
    part = (await example.sell({"A": 100_00}, currency="USD"))["A"]
    await example.days(0.1)
    assert ("capture", {"1120 USD": 100_00, "2010 USD": -100_00}) in await example.booked()
    await example.ship(part)
    await example.deliver(part)
    assert [amounts for _, amounts in await example.booked()] == [
        {"2010 USD": 100_00, "2110 A USD": -100_00},  # 41
        {"2110 A USD": 100_00, "2120 A USD": -100_00},
    ]


async def paid_in_dollars(example: Example) -> None:
    """To a bank account in dollars, a week after it was named."""
    shop = example.shop
    account = (await shop.account(example.vendors["A"])).provider_account_id
    number = {"country": "US", "account_number": "000123456789", "currency": "usd"}
    await shop.world.sandbox.door(f"accounts/{account}/bank_account", **number)
    await example.hear()
    await example.days(8)
    await shop.world.sandbox.door("balance/mature")
    await example.hold("A", 15_00, currency="USD")
    await example.booked()
    await example.pay_alone("A")

    in_dollars = [one for one in await example.booked() if any("USD" in name for name in one[1])]
    assert in_dollars == [  # 44
        ("payout_paid", {"2140 A USD": 85_00, "1150 A USD": -85_00}),
        ("payout_reserved", {"2120 A USD": 85_00, "2140 A USD": -85_00}),
        ("payout_sent", {"1150 A USD": 85_00, "1140 A USD": -85_00}),
        ("transfer", {"1140 A USD": 85_00, "1120 USD": -85_00}),
    ]


async def by_hand(example: Example) -> None:
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
