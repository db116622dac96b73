"""Webhooks that are lost, doubled, late or out of order."""

from tests.stripe_sandbox.running import OVER_HTTP, Sandbox

pytestmark = OVER_HTTP

PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


async def test_a_lost_webhook_never_arrives_and_can_be_found(wired: Sandbox) -> None:
    """R84"""
    await wired.fault("webhook_lost", event_type="charge.succeeded")
    await wired.pay()
    await wired.flush()
    wired.clock.advance(days=4)
    await wired.flush()

    assert "charge.succeeded" not in wired.endpoint.types
    missed = await wired.client.v1.events.list_async({"delivery_success": False})
    assert [event.type for event in missed.data] == ["charge.succeeded"]


async def test_a_doubled_webhook_arrives_twice(wired: Sandbox) -> None:
    """R85"""
    await wired.fault("webhook_doubled", event_type="payment_intent.succeeded")
    await wired.pay()
    await wired.flush()

    assert wired.endpoint.types.count("payment_intent.succeeded") == 2
    assert wired.endpoint.types.count("charge.succeeded") == 1


async def test_a_late_webhook_waits_for_the_clock(wired: Sandbox) -> None:
    """R86"""
    await wired.fault("webhook_late", seconds=3600, event_type="payment_intent.succeeded")
    await wired.pay()
    await wired.do_what_is_due()
    before = list(wired.endpoint.types)
    wired.clock.advance(hours=1)
    await wired.do_what_is_due()

    assert "payment_intent.succeeded" not in before
    assert wired.endpoint.types[-1] == "payment_intent.succeeded"


async def test_a_reordered_webhook_comes_after_a_later_one(wired: Sandbox) -> None:
    """R87"""
    await wired.fault("webhook_reordered", event_type="payment_intent.created")
    await wired.pay()
    await wired.do_what_is_due()
    await wired.do_what_is_due()

    assert wired.endpoint.types.index("payment_intent.created") > 0
    assert sorted(wired.endpoint.types) == sorted(PAID)
