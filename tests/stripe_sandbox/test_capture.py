"""Authorise first, take the money later, or never."""

import pytest
import stripe

from tests.stripe_sandbox.running import OVER_HTTP, Sandbox

pytestmark = OVER_HTTP


async def test_manual_capture_only_authorises(sandbox: Sandbox) -> None:
    """R36"""
    held = await sandbox.hold(80_00)

    charges = await sandbox.client.v1.charges.list_async({"payment_intent": held.id})
    assert (held.status, held.amount_capturable, held.amount_received) == (
        "requires_capture",
        80_00,
        0,
    )
    assert [(one.captured, one.balance_transaction) for one in charges.data] == [(False, None)]
    assert (await sandbox.event_types())[-1] == "payment_intent.amount_capturable_updated"
    assert (await sandbox.books())["currencies"] == {}


@pytest.mark.parametrize(("asked", "taken", "fee"), [(None, 100_00, 3_20), (60_00, 60_00, 2_04)])
async def test_capture_takes_the_whole_or_a_part(
    sandbox: Sandbox, asked: int | None, taken: int, fee: int
) -> None:
    """R37"""
    held = await sandbox.hold(100_00)

    data = f"amount_to_capture={asked}" if asked else ""
    captured = (await sandbox.post(f"/v1/payment_intents/{held.id}/capture", data)).json()

    booked = await sandbox.client.v1.balance_transactions.list_async()
    assert (captured["status"], captured["amount_received"]) == ("succeeded", taken)
    assert captured["amount_capturable"] == 0
    assert [(one.amount, one.fee) for one in booked.data] == [(taken, fee)]
    assert (await sandbox.event_types())[-2:] == ["charge.captured", "payment_intent.succeeded"]


async def test_more_than_is_authorised_cannot_be_captured(sandbox: Sandbox) -> None:
    """R38"""
    held = await sandbox.hold(100_00)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sandbox.intents.capture_async(held.id, {"amount_to_capture": 100_01})

    assert refused.value.code == "amount_too_large"
    assert (await sandbox.intents.retrieve_async(held.id)).status == "requires_capture"


async def test_what_is_not_authorised_cannot_be_captured(sandbox: Sandbox) -> None:
    """R39"""
    intent = await sandbox.intents.create_async({"amount": 1000, "currency": "eur"})

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sandbox.intents.capture_async(intent.id)

    assert refused.value.code == "payment_intent_unexpected_state"
    assert refused.value.error is not None
    assert refused.value.error.payment_intent is not None
    assert refused.value.error.payment_intent.id == intent.id


async def test_the_rest_of_a_partial_capture_is_gone(sandbox: Sandbox) -> None:
    """R37 and R39"""
    held = await sandbox.hold(100_00)
    await sandbox.intents.capture_async(held.id, {"amount_to_capture": 40_00})

    with pytest.raises(stripe.InvalidRequestError, match="has been released"):
        await sandbox.intents.capture_async(held.id, {"amount_to_capture": 60_00})

    assert (await sandbox.books())["currencies"]["eur"]["captured"] == 40_00


async def test_an_authorisation_can_be_cancelled_once(sandbox: Sandbox) -> None:
    """R40"""
    held = await sandbox.hold()

    gone = await sandbox.intents.cancel_async(held.id, {"cancellation_reason": "abandoned"})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sandbox.intents.cancel_async(held.id)

    assert (gone.status, gone.cancellation_reason) == ("canceled", "abandoned")
    assert (gone.amount_capturable, gone.canceled_at) == (0, int(sandbox.clock.now.timestamp()))
    assert refused.value.code == "payment_intent_unexpected_state"
    assert (await sandbox.event_types()).count("payment_intent.canceled") == 1


async def test_a_paid_intent_cannot_be_cancelled(sandbox: Sandbox) -> None:
    """R40"""
    paid = await sandbox.pay()

    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        await sandbox.intents.cancel_async(paid.id)


async def test_an_authorisation_nobody_captures_expires(sandbox: Sandbox) -> None:
    """R41"""
    held = await sandbox.hold()

    sandbox.clock.advance(days=7, seconds=-1)
    await sandbox.flush()
    before = await sandbox.intents.retrieve_async(held.id)
    sandbox.clock.advance(seconds=1)
    await sandbox.flush()
    after = await sandbox.intents.retrieve_async(held.id)

    assert (before.status, after.status) == ("requires_capture", "canceled")
    assert after.cancellation_reason == "automatic"
    assert (await sandbox.event_types())[-2:] == ["charge.expired", "payment_intent.canceled"]


async def test_a_captured_authorisation_does_not_expire(sandbox: Sandbox) -> None:
    """R41"""
    held = await sandbox.hold()
    await sandbox.intents.capture_async(held.id)

    sandbox.clock.advance(days=8)
    await sandbox.flush()

    assert (await sandbox.intents.retrieve_async(held.id)).status == "succeeded"
