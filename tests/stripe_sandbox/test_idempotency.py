"""One key, one effect: Stripe's rules for repeated requests."""

import asyncio
from collections.abc import Coroutine

import pytest
import stripe
from httpx import Response

from tests.stripe_sandbox.running import OVER_HTTP, Sandbox

pytestmark = OVER_HTTP

PAY = (
    "amount=1000&currency=eur&confirm=true&payment_method=pm_card_visa&payment_method_types[]=card"
)


async def test_the_same_request_gets_the_first_answer_again(sandbox: Sandbox) -> None:
    """R17"""
    first = await sandbox.post("/v1/payment_intents", PAY, Idempotency_Key="once")
    again = await sandbox.post("/v1/payment_intents", PAY, Idempotency_Key="once")

    assert again.json() == first.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["original-request"] == first.headers["request-id"]
    assert (await sandbox.event_types()).count("charge.succeeded") == 1


async def test_stripes_client_sees_the_replay(sandbox: Sandbox) -> None:
    """R17"""
    paid = await sandbox.pay()
    asked: stripe.params.RefundCreateParams = {"payment_intent": paid.id, "amount": 10_00}

    first = await sandbox.refunds.create_async(asked, {"idempotency_key": "refund-1"})
    again = await sandbox.refunds.create_async(asked, {"idempotency_key": "refund-1"})

    assert again.id == first.id
    assert again.last_response is not None
    assert (again.last_response.headers or {})["Idempotent-Replayed"] == "true"
    assert (await sandbox.books())["currencies"]["eur"]["refunded"] == 10_00


async def test_a_500_is_remembered_too(sandbox: Sandbox) -> None:
    """R18 and R81"""
    await sandbox.fault("error_500_after_work")

    first = await sandbox.post("/v1/payment_intents", PAY, Idempotency_Key="once")
    again = await sandbox.post("/v1/payment_intents", PAY, Idempotency_Key="once")

    assert (first.status_code, again.status_code) == (500, 500)
    assert again.headers["stripe-should-retry"] == "false"
    assert (await sandbox.books())["currencies"]["eur"]["charges"] == 1


async def test_other_parameters_under_the_same_key_are_refused(sandbox: Sandbox) -> None:
    """R19"""
    await sandbox.intents.create_async(
        {"amount": 1000, "currency": "eur"}, {"idempotency_key": "once"}
    )

    with pytest.raises(stripe.IdempotencyError) as refused:
        await sandbox.intents.create_async(
            {"amount": 1001, "currency": "eur"}, {"idempotency_key": "once"}
        )

    assert refused.value.http_status == 400
    assert await sandbox.event_types() == ["payment_intent.created"]


async def test_a_twin_of_a_request_under_way_is_a_409(sandbox: Sandbox) -> None:
    """R20"""
    await sandbox.fault("slow", seconds=0.3)

    first, twin = await asyncio.gather(
        sandbox.post("/v1/payment_intents", PAY, Idempotency_Key="once"),
        _after(0.1, sandbox.post("/v1/payment_intents", PAY, Idempotency_Key="once")),
    )

    assert (first.status_code, twin.status_code) == (200, 409)
    assert twin.json()["error"]["code"] == "idempotency_key_in_use"
    assert (await sandbox.event_types()).count("charge.succeeded") == 1


async def test_fifty_at_once_under_one_key_charge_once(sandbox: Sandbox) -> None:
    """R20"""
    answers = await asyncio.gather(
        *(sandbox.post("/v1/payment_intents", PAY, Idempotency_Key="once") for _ in range(50))
    )

    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len({answer.json().get("id") for answer in answers if answer.status_code == 200}) == 1
    assert (await sandbox.books())["currencies"]["eur"]["charges"] == 1


async def _after(seconds: float, asking: Coroutine[None, None, Response]) -> Response:
    await asyncio.sleep(seconds)
    return await asking


async def test_a_request_refused_in_validation_leaves_its_key_unused(sandbox: Sandbox) -> None:
    """R21"""
    refused = await sandbox.post("/v1/payment_intents", "amount=x", Idempotency_Key="once")
    good = await sandbox.post("/v1/payment_intents", PAY, Idempotency_Key="once")

    assert (refused.status_code, good.status_code) == (400, 200)


async def test_a_key_is_forgotten_after_a_day_of_the_clock(sandbox: Sandbox) -> None:
    """R22"""
    first = await sandbox.post("/v1/payment_intents", PAY, Idempotency_Key="once")
    sandbox.clock.advance(hours=23, minutes=59)
    within = await sandbox.post("/v1/payment_intents", PAY, Idempotency_Key="once")
    sandbox.clock.advance(minutes=1)
    after = await sandbox.post("/v1/payment_intents", PAY, Idempotency_Key="once")

    assert within.json()["id"] == first.json()["id"]
    assert after.json()["id"] != first.json()["id"]


@pytest.mark.parametrize(
    ("data", "status"),
    [(PAY.replace("visa", "chargeDeclined"), 402), ("amount=10&currency=eur", 400)],
)
async def test_a_refusal_after_it_began_is_remembered(
    sandbox: Sandbox, data: str, status: int
) -> None:
    """R23"""
    first = await sandbox.post("/v1/payment_intents", data, Idempotency_Key="once")
    again = await sandbox.post("/v1/payment_intents", data, Idempotency_Key="once")

    assert (first.status_code, again.status_code) == (status, status)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_key_is_at_most_255_characters_long(sandbox: Sandbox) -> None:
    """R24"""
    longest = await sandbox.post("/v1/payment_intents", PAY, Idempotency_Key="k" * 255)
    longer = await sandbox.post("/v1/payment_intents", PAY, Idempotency_Key="k" * 256)

    assert (longest.status_code, longer.status_code) == (200, 400)
