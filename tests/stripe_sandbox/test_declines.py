"""Cards that are refused."""

import pytest
import stripe

from tests.stripe_sandbox.running import OVER_HTTP, Sandbox

pytestmark = OVER_HTTP


async def test_a_decline_is_a_card_error_and_the_attempt_stays(sandbox: Sandbox) -> None:
    """R48"""
    with pytest.raises(stripe.CardError) as declined:
        await sandbox.pay(card="pm_card_chargeDeclined")

    error = declined.value.error
    assert declined.value.http_status == 402
    assert error is not None
    assert (error.code, error.decline_code) == ("card_declined", "generic_decline")
    assert error.payment_intent is not None
    intent = await sandbox.intents.retrieve_async(
        error.payment_intent.id, {"expand": ["latest_charge"]}
    )
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.code == "card_declined"
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert intent.latest_charge.id == error.charge
    assert (intent.latest_charge.status, intent.latest_charge.paid) == ("failed", False)
    assert await sandbox.event_types() == [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
    ]
    assert (await sandbox.books())["currencies"] == {}


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
        (
            "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
            "card_declined",
            "card_velocity_exceeded",
        ),
    ],
)
async def test_each_declining_card_has_its_code(
    sandbox: Sandbox, card: str, code: str, decline_code: str
) -> None:
    """R49"""
    with pytest.raises(stripe.CardError) as declined:
        await sandbox.pay(card=card)

    assert declined.value.error is not None
    assert (declined.value.code, declined.value.error.decline_code) == (code, decline_code)


async def test_another_card_can_be_tried_on_the_same_intent(sandbox: Sandbox) -> None:
    """R50"""
    intent = await sandbox.intents.create_async(
        {"amount": 1000, "currency": "eur", "allowed_payment_method_types": ["card"]}
    )
    with pytest.raises(stripe.CardError):
        await sandbox.intents.confirm_async(intent.id, {"payment_method": "pm_card_chargeDeclined"})

    paid = await sandbox.intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})

    charges = await sandbox.client.v1.charges.list_async({"payment_intent": intent.id})
    assert (paid.status, paid.last_payment_error) == ("succeeded", None)
    assert [one.status for one in charges.data] == ["succeeded", "failed"]


async def test_the_next_charge_can_be_made_to_fail(sandbox: Sandbox) -> None:
    """R83"""
    await sandbox.fault("decline_next")

    with pytest.raises(stripe.CardError):
        await sandbox.pay()

    assert (await sandbox.pay()).status == "succeeded"
