"""Events on their way to the marketplace."""

from pathlib import Path

import pytest
import stripe

from stripe_sandbox.spec import Description
from tests.stripe_sandbox.running import (
    OVER_HTTP,
    SECRET,
    Endpoint,
    HandClock,
    Sandbox,
    config_in,
    running,
)

pytestmark = OVER_HTTP

KINDS = {
    "balance.available",
    "charge.captured",
    "charge.expired",
    "charge.failed",
    "charge.refunded",
    "charge.succeeded",
    "charge.updated",
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
    "payment_intent.created",
    "payment_intent.payment_failed",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
    "refund.created",
    "refund.failed",
    "refund.updated",
}
PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


async def test_an_event_shows_its_object_as_it_then_was(sandbox: Sandbox) -> None:
    """R71"""
    paid = await sandbox.pay(metadata={"order": "7"}, expand=[])

    created, charged, succeeded = await sandbox.events()
    assert created.data.object["status"] == "requires_confirmation"
    assert succeeded.data.object["status"] == "succeeded"
    assert succeeded.data.object["metadata"]["order"] == "7"
    assert charged.data.object["id"] == paid.latest_charge
    assert created.created == int(sandbox.clock.now.timestamp())
    assert succeeded.request is not None
    assert succeeded.request.id is not None
    assert (created.api_version, created.livemode) == ("2026-10-28.endive", False)


async def test_every_events_object_is_as_described(sandbox: Sandbox) -> None:
    """R11 and R71"""
    for card in ("pm_card_visa", "pm_card_refundFail", "pm_card_pendingRefund"):
        paid = await sandbox.pay(card=card, capture_method="automatic_async")
        await sandbox.refunds.create_async({"payment_intent": paid.id, "amount": 1_00})
    await sandbox.intents.capture_async((await sandbox.hold()).id, {"amount_to_capture": 1_00})
    await sandbox.intents.cancel_async((await sandbox.hold()).id)
    await sandbox.hold()
    await sandbox.pay(card="pm_card_authenticationRequired")
    with pytest.raises(stripe.CardError):
        await sandbox.pay(card="pm_card_chargeDeclined")
    sandbox.clock.advance(days=8)
    await sandbox.flush()

    checks = Description.load().checks
    problems: list[str] = []
    kinds = set()
    for event in (await sandbox.get("/v1/events?limit=100")).json()["data"]:
        kinds.add(event["type"])
        thing = event["data"]["object"]
        schema = {"$ref": f"#/components/schemas/{thing['object']}"}
        checks.of(schema)(thing, event["type"], problems)

    assert problems == []
    assert kinds == KINDS


async def test_stripes_verifier_accepts_the_signature(wired: Sandbox) -> None:
    """R73"""
    await wired.pay()
    await wired.flush()

    assert sorted(wired.endpoint.types) == sorted(PAID)
    at = int(wired.clock.now.timestamp())
    for body, signature in wired.endpoint.arrived:
        # The clock is the marketplace's, so the age is judged by it and not by the system's.
        event = wired.client.construct_event(body, signature, SECRET, tolerance=None)  # type: ignore[arg-type]
        assert signature.startswith(f"t={at},v1=")
        assert event.id.startswith("evt_")


@pytest.mark.parametrize("change", ["body", "secret", "time"])
async def test_stripes_verifier_refuses_what_was_tampered_with(wired: Sandbox, change: str) -> None:
    """R73"""
    await wired.pay()
    await wired.flush()
    body, signature = wired.endpoint.arrived[0]
    secret = SECRET
    match change:
        case "body":
            body = body.replace(b"10000", b"90000")
        case "secret":
            secret = "whsec_another"
        case _:
            signature = signature.replace("t=1", "t=2", 1)

    with pytest.raises(stripe.SignatureVerificationError):
        wired.client.construct_event(body, signature, secret, tolerance=None)  # type: ignore[arg-type]


async def test_what_was_not_taken_is_tried_again_ever_later(wired: Sandbox) -> None:
    """R74"""
    wired.endpoint.answers = [500, 302, 400]
    await wired.fault("webhook_lost", count=2)  # leaves one of three on its way
    await wired.pay()
    await wired.do_what_is_due()

    tried = [len(wired.endpoint.arrived)]
    for seconds in (9, 1, 19, 1, 39, 1, 1_000):
        wired.clock.advance(seconds=seconds)
        await wired.do_what_is_due()
        tried.append(len(wired.endpoint.arrived))

    # 10 seconds after the first try, 20 after the second, 40 after the third; then it was taken.
    assert tried == [1, 1, 2, 2, 3, 3, 4, 4]


async def test_after_three_days_nobody_tries_any_more(wired: Sandbox) -> None:
    """R74"""
    wired.endpoint.answers = [500] * 100
    await wired.fault("webhook_lost", count=2)
    await wired.pay(card="pm_card_bypassPending")
    await wired.do_what_is_due()

    for _ in range(100):
        wired.clock.advance(hours=12)
        await wired.do_what_is_due()

    # At once, then whenever the clock was moved, until three days were over.
    assert len(wired.endpoint.arrived) == 7
    counts = (await wired.http.get("/_sandbox/deliveries")).json()["counts"]
    assert counts == {"failed": 1, "lost": 2}


async def test_what_waits_for_delivery_survives_a_restart(
    tmp_path: Path, endpoint: Endpoint
) -> None:
    """R75"""
    config = config_in(tmp_path, webhook_url=endpoint.url)
    clock = HandClock()
    endpoint.answers = [503] * 3
    async with running(config, clock, endpoint) as first:
        await first.pay()
        await first.do_what_is_due()
    assert len(endpoint.arrived) == 3

    clock.advance(minutes=1)
    async with running(config, clock, endpoint) as second:
        await second.do_what_is_due()

    assert sorted(endpoint.types[3:]) == sorted(PAID)


async def test_an_event_tells_whether_it_arrived(wired: Sandbox) -> None:
    """R76"""
    wired.endpoint.answers = [500]
    await wired.pay()
    await wired.do_what_is_due()
    events = wired.client.v1.events

    missed = await events.list_async({"delivery_success": False})
    taken = await events.list_async({"delivery_success": True})

    assert [event.pending_webhooks for event in missed.data] == [1]
    assert [event.pending_webhooks for event in taken.data] == [0, 0]


async def test_an_endpoint_gets_the_types_it_wants(tmp_path: Path, endpoint: Endpoint) -> None:
    """R77"""
    wanted = frozenset({"payment_intent.succeeded"})
    config = config_in(tmp_path, webhook_url=endpoint.url, enabled_events=wanted)
    async with running(config, HandClock(), endpoint) as sandbox:
        await sandbox.pay()
        await sandbox.flush()

        assert endpoint.types == ["payment_intent.succeeded"]
        assert await sandbox.event_types() == PAID


async def test_an_event_can_be_delivered_again(wired: Sandbox) -> None:
    """R78"""
    await wired.pay()
    await wired.flush()
    event = (await wired.events("charge.succeeded"))[0]

    again = (await wired.http.post(f"/_sandbox/events/{event.id}/deliver")).json()
    wired.endpoint.answers = [500]
    refused = (await wired.http.post(f"/_sandbox/events/{event.id}/deliver")).json()
    unknown = await wired.http.post("/_sandbox/events/evt_nobody/deliver")

    assert again == {"delivered": True, "problem": None}
    assert refused == {"delivered": False, "problem": "HTTP 500"}
    assert unknown.status_code == 404
    assert wired.endpoint.types.count("charge.succeeded") == 3


async def test_without_an_endpoint_nothing_can_be_delivered(sandbox: Sandbox) -> None:
    """R78"""
    await sandbox.pay()
    event = (await sandbox.events())[0]

    answer = await sandbox.http.post(f"/_sandbox/events/{event.id}/deliver")

    assert answer.status_code == 409
    assert event.pending_webhooks == 0
