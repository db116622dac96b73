"""What happens at Stripe without the marketplace asking for it."""

import pytest
import stripe

from tests.stripe_sandbox.running import OVER_HTTP, Sandbox

pytestmark = OVER_HTTP


async def test_anything_captured_can_be_disputed_in_part(sandbox: Sandbox) -> None:
    """R151"""
    paid = await sandbox.pay(expand=[])
    opened = await sandbox.door(
        "disputes", charge=paid.latest_charge, amount=30_00, reason="duplicate"
    )
    dispute = await sandbox.client.v1.disputes.retrieve_async(opened["id"])

    assert (dispute.amount, dispute.reason) == (30_00, "duplicate")
    assert dispute.balance_transactions[0].net == -45_00


async def test_a_dispute_is_over_what_was_not_given_back(sandbox: Sandbox) -> None:
    """R151"""
    paid = await sandbox.pay(expand=[])
    await sandbox.refunds.create_async({"payment_intent": paid.id, "amount": 40_00})
    opened = await sandbox.door("disputes", charge=paid.latest_charge, inquiry=True)

    assert (opened["amount"], opened["status"]) == (60_00, "warning_needs_response")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"charge": "ch_nobody"}, 404),
        ({}, 404),
        ({"amount": 100_01}, 409),
        ({"amount": 0}, 400),
        ({"amount": "much"}, 400),
        ({"reason": "boredom"}, 400),
    ],
)
async def test_a_dispute_that_cannot_be_is_refused(
    sandbox: Sandbox, asked: dict[str, object], status: int
) -> None:
    """R151"""
    paid = await sandbox.pay(expand=[])
    asked = asked if asked == {} else {"charge": paid.latest_charge} | asked
    answer = await sandbox.http.post("/_sandbox/disputes", json=asked)

    assert answer.status_code == status, answer.text
    assert (await sandbox.client.v1.disputes.list_async()).data == []


async def test_what_is_held_or_disputed_is_not_disputed(sandbox: Sandbox) -> None:
    """R151"""
    held, paid = await sandbox.hold(), await sandbox.pay(expand=[])
    await sandbox.door("disputes", charge=paid.latest_charge)
    for charge in (held.latest_charge, paid.latest_charge):
        answer = await sandbox.http.post("/_sandbox/disputes", json={"charge": charge})
        assert answer.status_code == 409


@pytest.mark.parametrize(("verdict", "status"), [("win", "won"), ("lose", "lost")])
async def test_a_person_can_decide_a_dispute(sandbox: Sandbox, verdict: str, status: str) -> None:
    """R152"""
    paid = await sandbox.pay(expand=[])
    dispute = await sandbox.door("disputes", charge=paid.latest_charge)
    decided = await sandbox.door(f"disputes/{dispute['id']}/{verdict}")

    assert decided["status"] == status
    assert (await sandbox.event_types())[-1] == "charge.dispute.closed"


@pytest.mark.parametrize("capture", ["automatic", "automatic_async"])
async def test_a_charges_transaction_can_come_late(sandbox: Sandbox, capture: str) -> None:
    """R153"""
    await sandbox.fault("balance_transaction_late", target="charge", seconds=3600)
    paid = await sandbox.pay(capture_method=capture, expand=[])
    charges = sandbox.client.v1.charges

    sandbox.clock.advance(seconds=3599)
    await sandbox.do_what_is_due()
    before = await charges.retrieve_async(str(paid.latest_charge))
    unsettled = (await sandbox.books())["currencies"]["eur"]["unsettled"]
    sandbox.clock.advance(seconds=1)
    await sandbox.do_what_is_due()
    after = await charges.retrieve_async(str(paid.latest_charge))

    assert (before.balance_transaction, unsettled) == (None, 100_00)
    assert after.balance_transaction is not None
    assert (await sandbox.event_types())[-1] == "charge.updated"


async def test_a_captured_holds_transaction_can_come_late(sandbox: Sandbox) -> None:
    """R153"""
    held = await sandbox.hold()
    await sandbox.fault("balance_transaction_late", seconds=60)
    taken = await sandbox.intents.capture_async(held.id, {"expand": ["latest_charge"]})
    next_one = await sandbox.pay()

    assert isinstance(taken.latest_charge, stripe.Charge)
    assert taken.latest_charge.balance_transaction is None
    assert isinstance(next_one.latest_charge, stripe.Charge)
    assert next_one.latest_charge.balance_transaction is not None


@pytest.mark.parametrize("card", ["pm_card_visa", "pm_card_refundFail"])
async def test_a_refunds_transaction_can_come_late(sandbox: Sandbox, card: str) -> None:
    """R154"""
    await sandbox.fault("balance_transaction_late", target="refund", seconds=120)
    paid = await sandbox.pay(card=card)
    refund = await sandbox.refunds.create_async({"payment_intent": paid.id})
    before = (await sandbox.books())["currencies"]["eur"]
    sandbox.clock.advance(seconds=120)
    await sandbox.do_what_is_due()
    after = await sandbox.refunds.retrieve_async(
        refund.id, {"expand": ["balance_transaction", "failure_balance_transaction"]}
    )

    assert refund.balance_transaction is None
    assert (before["refunded"], before["unsettled"], before["agrees"]) == (100_00, -100_00, True)
    assert isinstance(after.balance_transaction, stripe.BalanceTransaction)
    assert after.balance_transaction.amount == -100_00
    assert (after.status == "failed") == (card == "pm_card_refundFail")
    assert "refund.updated" in await sandbox.event_types()


async def test_stripe_can_take_a_fee_nobody_expected(sandbox: Sandbox) -> None:
    """R155"""
    made = await sandbox.door("fees", amount=7_00, description="Radar")
    transactions = sandbox.client.v1.balance_transactions
    fee = await transactions.retrieve_async(made["id"])

    assert (fee.type, fee.reporting_category, fee.source) == ("stripe_fee", "fee", None)
    assert (fee.amount, fee.fee, fee.net) == (-7_00, 0, -7_00)
    assert fee.description == "Radar"
    assert (await sandbox.books())["currencies"]["eur"]["fees"] == 7_00


async def test_stripe_can_hold_money_back_for_connected_accounts(sandbox: Sandbox) -> None:
    """R156"""
    await sandbox.pay(expand=[])
    await sandbox.door("reserves", amount=10_00)
    held = await sandbox.client.v1.balance.retrieve_async()
    released = await sandbox.door("reserves", amount=-4_00)
    too_much = await sandbox.http.post("/_sandbox/reserves", json={"amount": -6_01})
    after = await sandbox.client.v1.balance.retrieve_async()

    assert held.connect_reserved is not None
    assert after.connect_reserved is not None
    assert [one.amount for one in held.connect_reserved] == [10_00]
    assert [one.amount for one in after.connect_reserved] == [6_00]
    assert (after.available[0].amount, after.pending[0].amount) == (-6_00, 100_00 - 3_20)
    assert (released["type"], released["amount"]) == ("reserve_transaction", 4_00)
    assert released["reporting_category"] == "connect_reserved_funds"
    assert too_much.status_code == 409


async def test_a_payment_can_be_made_in_the_dashboard(sandbox: Sandbox) -> None:
    """R157"""
    made = await sandbox.door("charges", amount=55_00, currency="usd", description="By phone")
    charge = await sandbox.client.v1.charges.retrieve_async(
        made["id"], {"expand": ["balance_transaction", "payment_intent"]}
    )

    assert (charge.amount, charge.currency, charge.description) == (55_00, "usd", "By phone")
    assert charge.metadata.to_dict() == {}
    assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
    assert "charge.succeeded" in await sandbox.event_types()


async def test_a_payment_declined_in_the_dashboard_leaves_its_attempt(sandbox: Sandbox) -> None:
    """R157"""
    asked = {"amount": 55_00, "payment_method": "pm_card_chargeDeclined"}
    answer = await sandbox.http.post("/_sandbox/charges", json=asked)
    charges = await sandbox.client.v1.charges.list_async()

    assert (answer.status_code, answer.json()["error"]["code"]) == (402, "card_declined")
    assert [one.status for one in charges.data] == ["failed"]


@pytest.mark.parametrize(
    "asked",
    [
        {"amount": 1},
        {"amount": 5.5},
        {"amount": True},
        {"amount": 55_00, "currency": "xyz"},
        {"amount": 55_00, "description": ""},
        {"amount": 55_00, "payment_method": "pm_nobody"},
        [55_00],
    ],
)
async def test_a_payment_that_cannot_be_is_refused(sandbox: Sandbox, asked: object) -> None:
    """R157"""
    answer = await sandbox.http.post("/_sandbox/charges", json=asked)

    assert answer.status_code == 400, answer.text
    assert (await sandbox.client.v1.payment_intents.list_async()).data == []


async def test_a_refund_can_be_made_in_the_dashboard(sandbox: Sandbox) -> None:
    """R158"""
    paid = await sandbox.pay(expand=[])
    made = await sandbox.door("refunds", charge=paid.latest_charge, amount=10_00)
    refund = await sandbox.refunds.retrieve_async(made["id"])
    too_much = {"payment_intent": paid.id, "amount": 90_01}
    refused = await sandbox.http.post("/_sandbox/refunds", json=too_much)

    assert (refund.amount, refund.reason) == (10_00, "requested_by_customer")
    assert refund.metadata is not None
    assert refund.metadata.to_dict() == {}
    assert refused.status_code == 400
