"""PaymentIntents from creation to capture or cancellation."""

import pytest
import stripe

from tests.stripe_sandbox.running import OVER_HTTP, Sandbox, previous

pytestmark = OVER_HTTP


async def test_an_unconfirmed_intent_waits_for_a_method_then_for_confirmation(
    sandbox: Sandbox,
) -> None:
    """R32"""
    bare = await sandbox.intents.create_async({"amount": 1000, "currency": "eur"})
    ready = await sandbox.intents.create_async(
        {"amount": 1000, "currency": "eur", "payment_method": "pm_card_visa"}
    )

    assert bare.status == "requires_payment_method"
    assert ready.status == "requires_confirmation"
    assert bare.client_secret is not None
    assert bare.client_secret.startswith(f"{bare.id}_secret_")
    assert await sandbox.event_types() == ["payment_intent.created"] * 2
    assert (await sandbox.books())["currencies"] == {}


async def test_confirming_at_once_charges_the_card(sandbox: Sandbox) -> None:
    """R33"""
    paid = await sandbox.intents.create_async(
        {
            "amount": 25_00,
            "currency": "eur",
            "confirm": True,
            "payment_method": "pm_card_visa",
            "allowed_payment_method_types": ["card"],
            "metadata": {"order": "7"},
            "transfer_group": "order-7",
            "expand": ["latest_charge"],
        }
    )

    charge = paid.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (paid.status, paid.amount_received, paid.capture_method) == (
        "succeeded",
        25_00,
        "automatic_async",
    )
    assert (charge.paid, charge.captured, charge.amount_captured) == (True, True, 25_00)
    assert (charge.metadata.to_dict(), charge.transfer_group) == ({"order": "7"}, "order-7")


async def test_confirming_later_charges_the_card_then(sandbox: Sandbox) -> None:
    """R33"""
    intent = await sandbox.intents.create_async(
        {"amount": 25_00, "currency": "eur", "allowed_payment_method_types": ["card"]}
    )

    paid = await sandbox.intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})

    assert (paid.id, paid.status) == (intent.id, "succeeded")
    assert (await sandbox.intents.retrieve_async(intent.id)).status == "succeeded"


async def test_automatic_capture_books_at_once(sandbox: Sandbox) -> None:
    """R34"""
    paid = await sandbox.pay(100_00)

    assert isinstance(paid.latest_charge, stripe.Charge)
    booked = paid.latest_charge.balance_transaction
    assert isinstance(booked, stripe.BalanceTransaction)
    assert (booked.amount, booked.fee, booked.net) == (100_00, 3_20, 96_80)
    assert booked.fee_details[0].type == "stripe_fee"
    assert await sandbox.event_types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


async def test_asynchronous_capture_books_with_charge_updated(sandbox: Sandbox) -> None:
    """R35"""
    paid = await sandbox.pay(capture_method="automatic_async", expand=["latest_charge"])
    await sandbox.flush()

    succeeded, updated = await sandbox.events("charge.succeeded", "charge.updated")
    assert isinstance(paid.latest_charge, stripe.Charge)
    assert paid.latest_charge.balance_transaction is None
    assert succeeded.data.object["balance_transaction"] is None
    assert updated.data.object["balance_transaction"].startswith("txn_")
    assert previous(updated) == {"balance_transaction": None}
    assert (await sandbox.books())["currencies"]["eur"]["unsettled"] == 0


async def test_confirming_needs_a_payment_method(sandbox: Sandbox) -> None:
    """R42"""
    intent = await sandbox.intents.create_async(
        {"amount": 1000, "currency": "eur", "allowed_payment_method_types": ["card"]}
    )

    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
        await sandbox.intents.confirm_async(intent.id)


async def test_what_has_ended_cannot_be_confirmed(sandbox: Sandbox) -> None:
    """R43"""
    paid = await sandbox.pay()
    gone = await sandbox.hold()
    await sandbox.intents.cancel_async(gone.id)

    for intent in (paid, gone):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            await sandbox.intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})
        assert refused.value.code == "payment_intent_unexpected_state"

    assert len((await sandbox.client.v1.charges.list_async()).data) == 2


async def test_the_amount_changes_only_until_the_money_moves(sandbox: Sandbox) -> None:
    """R44"""
    intent = await sandbox.intents.create_async({"amount": 1000, "currency": "eur"})
    paid = await sandbox.pay()

    changed = await sandbox.intents.update_async(
        intent.id, {"amount": 1500, "payment_method": "pm_card_visa", "description": "Two mugs"}
    )
    for change in ({"amount": 1500}, {"payment_method": "pm_card_visa"}):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            await sandbox.intents.update_async(paid.id, change)  # type: ignore[arg-type]
        assert refused.value.code == "payment_intent_unexpected_state"
    noted = await sandbox.intents.update_async(paid.id, {"metadata": {"note": "late"}})

    assert (changed.amount, changed.status) == (1500, "requires_confirmation")
    assert changed.description == "Two mugs"
    assert (noted.amount, noted.metadata.to_dict()) == (100_00, {"note": "late"})


async def test_confirming_needs_a_return_url_where_redirects_are_allowed(sandbox: Sandbox) -> None:
    """R45"""
    pay = "amount=1000&currency=eur&confirm=true&payment_method=pm_card_visa"
    never = (
        "automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never"
    )

    without = await sandbox.post("/v1/payment_intents", pay)
    with_url = await sandbox.post("/v1/payment_intents", f"{pay}&return_url=https://shop.test/")
    without_redirects = await sandbox.post("/v1/payment_intents", f"{pay}&{never}")

    assert (without.status_code, without.json()["error"]["param"]) == (400, "return_url")
    assert with_url.json()["status"] == without_redirects.json()["status"] == "succeeded"
    for cards_only in ("allowed_payment_method_types[0]=card", "payment_method_types[0]=card"):
        answer = await sandbox.post("/v1/payment_intents", f"{pay}&{cards_only}")
        assert answer.json()["status"] == "succeeded"
        assert answer.json()["automatic_payment_methods"] is None


@pytest.mark.parametrize(
    "types",
    [
        "allowed_payment_method_types[0]=ideal",
        "payment_method_types[0]=card&payment_method_types[1]=ideal",
        "allowed_payment_method_types[0]=card&automatic_payment_methods[enabled]=true",
    ],
)
async def test_only_cards_are_modelled(sandbox: Sandbox, types: str) -> None:
    """R10 and R45"""
    answer = await sandbox.post("/v1/payment_intents", f"amount=1000&currency=eur&{types}")

    assert answer.status_code == 400
    assert await sandbox.event_types() == []


@pytest.mark.parametrize(
    "parameter", ["return_url=https://a.test/", "error_on_requires_action=true"]
)
async def test_what_only_confirming_uses_is_refused_without_it(
    sandbox: Sandbox, parameter: str
) -> None:
    """R46"""
    answer = await sandbox.post("/v1/payment_intents", f"amount=1000&currency=eur&{parameter}")

    assert answer.status_code == 400
    assert await sandbox.event_types() == []


async def test_a_token_becomes_a_payment_method(sandbox: Sandbox) -> None:
    """R47"""
    paid = await sandbox.pay(card="pm_card_visa_debit", expand=["payment_method"])

    method = paid.payment_method
    assert isinstance(method, stripe.PaymentMethod)
    assert method.id.startswith("pm_")
    assert not method.id.startswith("pm_card")
    assert method.card is not None
    assert (method.card.funding, method.card.last4) == ("debit", "5556")
    assert (await sandbox.client.v1.payment_methods.retrieve_async(method.id)).id == method.id


async def test_a_token_nobody_knows_is_refused(sandbox: Sandbox) -> None:
    """R12 and R47"""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sandbox.pay(card="pm_card_gold")

    assert (refused.value.code, refused.value.param) == ("resource_missing", "payment_method")
    assert await sandbox.event_types() == []
