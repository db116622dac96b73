"""Faults, and what is left after them."""

from pathlib import Path

import httpx
import pytest
import stripe

from tests.stripe_sandbox.running import KEY, OVER_HTTP, Sandbox

pytestmark = OVER_HTTP

ROOT = Path(__file__).parents[2]
PAY = (
    "amount=1000&currency=eur&confirm=true&payment_method=pm_card_visa&payment_method_types[]=card"
)


async def test_the_work_is_done_though_no_answer_comes(sandbox: Sandbox) -> None:
    """R79"""
    await sandbox.fault("timeout_after_work")

    with pytest.raises(stripe.APIConnectionError):
        await sandbox.intents.create_async(
            {"amount": 1000, "currency": "eur"}, {"idempotency_key": "once"}
        )
    again = await sandbox.intents.create_async(
        {"amount": 1000, "currency": "eur"}, {"idempotency_key": "once"}
    )

    listed = await sandbox.intents.list_async()
    assert [one.id for one in listed.data] == [again.id]


async def test_an_answer_can_come_too_late(sandbox: Sandbox) -> None:
    """R79"""
    await sandbox.fault("timeout_after_work", seconds=0.5)

    with pytest.raises(httpx.ReadTimeout):
        await sandbox.http.post(
            "/v1/payment_intents",
            content=PAY,
            headers={
                "Authorization": f"Bearer {KEY}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            timeout=0.2,
        )

    assert (await sandbox.books())["currencies"]["eur"]["charges"] == 1


async def test_stripes_client_retries_an_error_before_the_work(sandbox: Sandbox) -> None:
    """R80"""
    await sandbox.fault("error_500_before_work", count=1)

    paid = await sandbox.intents.create_async(
        {"amount": 1000, "currency": "eur"}, {"max_network_retries": 1}
    )

    assert (await sandbox.intents.list_async()).data[0].id == paid.id
    assert await sandbox.event_types() == ["payment_intent.created"]


async def test_an_error_before_the_work_leaves_nothing(sandbox: Sandbox) -> None:
    """R80"""
    await sandbox.fault("error_500_before_work")

    first = await sandbox.post("/v1/payment_intents", PAY, Idempotency_Key="once")
    nothing = await sandbox.event_types()
    again = await sandbox.post("/v1/payment_intents", PAY, Idempotency_Key="once")

    assert (first.status_code, nothing, again.status_code) == (500, [], 200)


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [("conflict_409", 409, "lock_timeout"), ("rate_limit_429", 429, "rate_limit")],
)
async def test_a_conflict_and_a_rate_limit_do_nothing(
    sandbox: Sandbox, kind: str, status: int, code: str
) -> None:
    """R82"""
    await sandbox.fault(kind)

    refused = await sandbox.post("/v1/payment_intents", PAY, Idempotency_Key="once")
    nothing = await sandbox.event_types()
    again = await sandbox.post("/v1/payment_intents", PAY, Idempotency_Key="once")

    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)
    assert (nothing, again.status_code) == ([], 200)


async def test_a_fault_is_used_up_and_only_where_it_fits(sandbox: Sandbox) -> None:
    """R88"""
    await sandbox.fault("rate_limit_429", count=2, path="POST /v1/refunds")
    paid = await sandbox.pay(expand=[])

    statuses = [
        (await sandbox.post("/v1/refunds", f"payment_intent={paid.id}&amount=100")).status_code
        for _ in range(3)
    ]

    assert statuses == [429, 429, 200]
    assert (await sandbox.http.get("/_sandbox/faults")).json()["faults"] == []


async def test_faults_are_listed_and_cleared(sandbox: Sandbox) -> None:
    """R88"""
    await sandbox.fault("decline_next", count=3)
    listed = (await sandbox.http.get("/_sandbox/faults")).json()["faults"]

    await sandbox.http.delete("/_sandbox/faults")

    assert [(one["kind"], one["remaining"]) for one in listed] == [("decline_next", 3)]
    assert (await sandbox.pay()).status == "succeeded"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"kind": "earthquake"}',
        '{"kind": "decline_next", "count": 0}',
        '{"kind": "decline_next", "count": "two"}',
        '{"kind": "webhook_late", "seconds": -1}',
        '{"kind": "decline_next", "path": 5}',
    ],
)
async def test_a_malformed_fault_is_refused(sandbox: Sandbox, body: str) -> None:
    """R88"""
    answer = await sandbox.http.post("/_sandbox/faults", content=body)

    assert answer.status_code == 400
    assert (await sandbox.http.get("/_sandbox/faults")).json()["faults"] == []


async def test_the_index_says_what_is_there(sandbox: Sandbox) -> None:
    """R88"""
    await sandbox.pay()

    index = (await sandbox.http.get("/_sandbox/")).json()

    assert index["objects"]["charge"] == 1
    assert index["now"] == "2026-03-01T12:00:00+00:00"
    assert "/_sandbox/faults" in index["doors"]
