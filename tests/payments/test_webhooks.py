"""The webhook door: what is signed and fresh is kept once; anything else changes nothing."""

import asyncio
import json
from typing import Any

import httpx
import pytest
import stripe

from marketplace.payments.gateway import OutcomeUnknown
from marketplace.payments.inbox import SETTLEMENT_RECEIVED
from tests.factories import make_offer, make_order
from tests.payments.world import CONNECT_SECRET, OVER_HTTP, World, post_webhook
from tests.stripe_sandbox.running import SECRET

pytestmark = OVER_HTTP
KEPT = "SELECT count(*) FROM provider_event"
TOLD = "SELECT count(*) FROM outbox_event WHERE name = 'provider.event_received'"


def an_event(type_: str = "payment_intent.succeeded", **more: Any) -> bytes:
    event = {
        "id": "evt_1",
        "object": "event",
        "type": type_,
        "data": {"object": {"id": "pi_1", "object": "payment_intent"}},
    }
    return json.dumps(event | more).encode()


async def send(
    world: World, body: bytes, *, secret: str = SECRET, age_seconds: int = 0
) -> httpx.Response:
    signed_at = int(world.now.timestamp()) - age_seconds
    signature = stripe.WebhookSignature.generate_signature_header(
        body.decode("utf-8", "replace"), secret, signed_at
    )
    return await post_webhook(world.webhook_url, body, signature)


async def test_a_signed_event_is_kept_and_told_of(world: World) -> None:
    answer = await send(world, an_event())

    assert answer.status_code == 200
    row = (await world.rows("SELECT * FROM provider_event"))[0]
    assert (row["event_id"], row["type"], row["object_id"]) == (
        "evt_1",
        "payment_intent.succeeded",
        "pi_1",
    )
    told = (await world.rows("SELECT * FROM outbox_event"))[0]
    assert (told["stream_id"], told["seq"]) == (None, None)
    assert json.loads(told["payload"]) == {
        "provider_event_id": str(row["id"]),
        "type": row["type"],
    }


async def test_a_replayed_event_is_answered_and_kept_once(world: World) -> None:
    answers = [await send(world, an_event()) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert await world.value(KEPT) == 1
    assert await world.value(TOLD) == 1


async def test_eight_deliveries_at_once_are_kept_once(world: World) -> None:
    answers = await asyncio.gather(*(send(world, an_event()) for _ in range(8)))

    assert {answer.status_code for answer in answers} == {200}
    assert await world.value(KEPT) == 1
    assert await world.value(TOLD) == 1


async def test_an_event_of_a_vendors_account_has_a_secret_of_its_own_and_says_whose_it_is(
    world: World,
) -> None:
    body = an_event("payout.paid", account="acct_1")

    answer = await send(world, body, secret=CONNECT_SECRET)

    assert answer.status_code == 200
    assert await world.value("SELECT account FROM provider_event") == "acct_1"
    assert await world.value("SELECT name FROM outbox_event") == SETTLEMENT_RECEIVED


async def test_a_forged_signature_is_refused_and_nothing_is_kept(world: World) -> None:
    answer = await send(world, an_event(), secret="whsec_somebody_elses")

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "FORGED_WEBHOOK"
    assert await world.value(KEPT) == 0


async def test_a_changed_body_is_refused(world: World) -> None:
    signature = stripe.WebhookSignature.generate_signature_header(
        an_event().decode(), SECRET, int(world.now.timestamp())
    )

    answer = await post_webhook(world.webhook_url, an_event(id="evt_2"), signature)

    assert answer.status_code == 400
    assert await world.value(KEPT) == 0


async def test_a_signature_that_is_none_is_refused(world: World) -> None:
    for signature in [None, "", "t=1", "nonsense", "t=x,v1=y", "v1=abc"]:
        answer = await post_webhook(world.webhook_url, an_event(), signature)

        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "FORGED_WEBHOOK"


async def test_age_is_measured_by_the_marketplaces_clock(world: World) -> None:
    fresh = await send(world, an_event(), age_seconds=299)
    stale = await send(world, an_event(id="evt_2"), age_seconds=301)

    assert fresh.status_code == 200
    assert (stale.status_code, stale.json()["error"]["code"]) == (400, "STALE_WEBHOOK")
    assert await world.value(KEPT) == 1


async def test_a_signed_body_that_is_no_event_is_refused(world: World) -> None:
    no_object = b'{"id": "evt_1", "type": "x", "data": {"object": 1}}'
    for body in [b"{", b"[]", b'"word"', b"{}", no_object]:
        answer = await send(world, body)

        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "UNREADABLE_WEBHOOK"
    assert await world.value(KEPT) == 0


async def test_an_event_with_words_that_are_none_is_refused(world: World) -> None:
    wrongs: list[dict[str, Any]] = [{"id": 7}, {"id": "e" * 81}, {"type": None}]
    for wrong in wrongs:
        answer = await send(world, an_event(**wrong))

        assert answer.json()["error"]["code"] == "UNREADABLE_WEBHOOK"


async def test_bytes_that_are_no_text_are_refused(world: World) -> None:
    answer = await send(world, b"\xff\xfe")

    assert answer.status_code == 400
    assert await world.value(KEPT) == 0


async def test_a_body_too_large_is_refused(world: World) -> None:
    answer = await send(world, an_event(padding="x" * 600_000))

    assert answer.status_code == 413
    assert await world.value(KEPT) == 0


async def test_a_type_nobody_acts_on_is_kept_and_nobody_is_told(world: World) -> None:
    answer = await send(world, an_event("radar.early_fraud_warning.created"))

    assert answer.status_code == 200
    assert await world.value(KEPT) == 1
    assert await world.value(TOLD) == 0
    assert await world.webhooks() == 1


async def test_an_event_about_something_that_is_not_ours_changes_nothing(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.sandbox.pay(metadata={"attempt_id": "not an id"})
    await world.sandbox.pay(metadata={"attempt_id": str(order_id)})
    theirs = await world.sandbox.pay()
    await world.sandbox.refunds.create_async({"payment_intent": theirs.id})

    await world.webhooks()

    assert await world.events(order_id) == ["order.placed"]
    assert await world.value("SELECT count(*) FROM capture") == 0


async def test_an_event_whose_object_cannot_be_fetched_is_handed_over_again(
    world: World,
) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.sandbox.fault("webhook_lost", event_type="payment_intent.created")
    await world.sandbox.fault("timeout_after_work", path="POST /v1/payment_intents", count=3)
    await world.pay(order_id)
    await world.sandbox.fault("error_500_before_work", path="GET /v1/payment_intents", count=3)

    with pytest.raises(OutcomeUnknown, match="APIError"):
        await world.webhooks()
    await world.webhooks()

    assert "payment.captured" in await world.events(order_id)
