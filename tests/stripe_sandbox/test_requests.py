"""How requests are read and refused, and what every answer carries."""

import sqlite3
from pathlib import Path

import pytest
import stripe

from tests.stripe_sandbox.running import (
    KEY,
    OVER_HTTP,
    Endpoint,
    HandClock,
    Sandbox,
    config_in,
    running,
)

pytestmark = OVER_HTTP

NEW = "amount=1000&currency=eur"


@pytest.mark.parametrize(
    "auth", [None, "Bearer sk_test_another_persons_key", "Basic !", "Nonsense"]
)
async def test_a_missing_or_wrong_key_is_a_401(sandbox: Sandbox, auth: str | None) -> None:
    """R1"""
    headers = {} if auth is None else {"Authorization": auth}

    answer = await sandbox.http.get("/v1/balance", headers=headers)

    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"


async def test_the_key_may_be_the_user_of_basic_authentication(sandbox: Sandbox) -> None:
    """R1"""
    answer = await sandbox.http.get("/v1/balance", auth=(KEY, ""))

    assert answer.status_code == 200


async def test_another_account_than_the_keys_is_a_403(sandbox: Sandbox) -> None:
    """R2"""
    with pytest.raises(stripe.PermissionError) as refused:
        await sandbox.client.v1.balance.retrieve_async({}, {"stripe_account": "acct_other"})

    assert refused.value.error is not None
    assert refused.value.error.code == "account_invalid"


async def test_every_answer_carries_request_id_and_version(sandbox: Sandbox) -> None:
    """R3"""
    good = await sandbox.get("/v1/balance")
    bad = await sandbox.post("/v1/refunds", Stripe_Version="2026-08-26.dahlia")

    assert good.headers["request-id"].startswith("req_")
    assert bad.headers["request-id"] not in ("", good.headers["request-id"])
    assert good.headers["stripe-version"] == sandbox.config.api_version
    assert bad.headers["stripe-version"] == "2026-08-26.dahlia"


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/topups", "/", "/v1/refunds/a/b/c"])
async def test_an_unknown_address_is_stripes_404(sandbox: Sandbox, path: str) -> None:
    """R4"""
    answer = await sandbox.get(path)

    assert answer.status_code == 404
    assert "Unrecognized request URL" in answer.json()["error"]["message"]


@pytest.mark.parametrize("types", ["payment_method_types[]=card", "payment_method_types[0]=card"])
async def test_nested_keys_are_decoded_and_typed(sandbox: Sandbox, types: str) -> None:
    """R5"""
    data = f"amount=1000&currency=EUR&metadata[order]=A%201&shipping[name]=Ada&{types}"
    data += "&shipping[address][city]=Ulm"

    answer = (await sandbox.post("/v1/payment_intents", data)).json()

    assert (answer["amount"], answer["currency"]) == (1000, "eur")
    assert answer["metadata"] == {"order": "A 1"}
    assert answer["shipping"]["address"] == {"city": "Ulm"}
    assert answer["payment_method_types"] == ["card"]


@pytest.mark.parametrize(
    ("data", "param"),
    [
        ("amount=1000&currency=eur&colour=red", "colour"),
        ("amount=1000&currency=eur&automatic_payment_methods[colour]=red",
         "automatic_payment_methods[colour]"),
        ("amount=1000&currency=eur&a[b=1", "a[b"),
        ("amount=1000&currency=eur&" + "a" + "[b]" * 40 + "=1", None),
        ("amount=1000&currency=eur&amount[x]=1", None),
    ],
)  # fmt: skip
async def test_an_unknown_parameter_is_refused(
    sandbox: Sandbox, data: str, param: str | None
) -> None:
    """R6"""
    answer = await sandbox.post("/v1/payment_intents", data)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "parameter_unknown")
    assert param is None or error["param"] == param
    assert await sandbox.event_types() == []


async def test_a_refusal_of_something_endless_is_still_stripes(sandbox: Sandbox) -> None:
    """R6, R8 and R12"""
    name = "x" * 60_000

    answers = [
        await sandbox.post("/v1/payment_intents", f"{NEW}&metadata[a][{name}]=1"),
        await sandbox.post("/v1/payment_intents", f"{NEW}&{name}=1"),
        await sandbox.post("/v1/payment_intents", f"amount=1000&currency={name}"),
        await sandbox.post("/v1/refunds", f"charge={name[:5000]}"),
    ]

    assert [answer.status_code for answer in answers] == [400] * 4


async def test_a_missing_parameter_is_refused(sandbox: Sandbox) -> None:
    """R7"""
    error = (await sandbox.post("/v1/payment_intents", "amount=1000")).json()["error"]

    assert (error["code"], error["param"]) == ("parameter_missing", "currency")


@pytest.mark.parametrize(
    ("data", "param", "code"),
    [
        ("amount=12.5&currency=eur", "amount", "parameter_invalid_integer"),
        ("amount=1_000&currency=eur", "amount", "parameter_invalid_integer"),
        ("amount=%D9%A1%D9%A2%D9%A3&currency=eur", "amount", "parameter_invalid_integer"),
        ("amount=99999999999999999999999&currency=eur", "amount", "parameter_invalid_integer"),
        ("amount[x]=1&currency=eur", "amount", None),
        ("amount=1000&currency=eur&confirm=yes", "confirm", None),
        ("amount=1000&currency=eur&capture_method=later", "capture_method", None),
        ("amount=1000&currency=eur&statement_descriptor_suffix=" + "x" * 23,
         "statement_descriptor_suffix", None),
        ("amount=1000&currency=eur&metadata=words", "metadata", None),
        ("amount=1000&currency=eur&payment_method_types=card", "payment_method_types", None),
    ],
)  # fmt: skip
async def test_an_ill_typed_value_is_refused(
    sandbox: Sandbox, data: str, param: str, code: str | None
) -> None:
    """R8"""
    answer = await sandbox.post("/v1/payment_intents", data)

    error = answer.json()["error"]
    assert (answer.status_code, error["param"], error.get("code")) == (400, param, code)


async def test_what_is_not_form_encoded_is_refused(sandbox: Sandbox) -> None:
    """R8"""
    headers = {"Authorization": f"Bearer {KEY}"}

    json_body = await sandbox.http.post("/v1/refunds", json={"amount": 1}, headers=headers)
    broken = await sandbox.post("/v1/refunds", "metadata[a]=%FF")
    huge = await sandbox.post("/v1/refunds", "metadata[a]=" + "x" * 1_000_001)

    assert [json_body.status_code, broken.status_code, huge.status_code] == [400, 400, 413]


@pytest.mark.parametrize("name", ["amount", "description"])
async def test_an_empty_value_is_refused_where_nothing_can_be_unset(
    sandbox: Sandbox, name: str
) -> None:
    """R9"""
    data = f"currency=eur&description=x&amount=1000&{name}="

    error = (await sandbox.post("/v1/payment_intents", data)).json()["error"]

    assert (error["code"], error["param"]) == ("parameter_invalid_empty", name)


async def test_what_is_not_modelled_is_refused_and_not_ignored(sandbox: Sandbox) -> None:
    """R10"""
    data = "amount=1000&currency=eur&application_fee_amount=100"

    error = (await sandbox.post("/v1/payment_intents", data)).json()["error"]

    assert (error["code"], error["param"]) == ("parameter_unknown", "application_fee_amount")
    assert "does not model" in error["message"]


async def test_an_answer_against_the_description_is_a_500_and_does_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """R11"""
    async with running(config_in(tmp_path), HandClock(), Endpoint()) as one:
        held = await one.hold()
        # A stored object that an older version wrote wrongly.
        _corrupt(tmp_path, held.id)

        answer = await one.post(f"/v1/payment_intents/{held.id}/capture", Idempotency_Key="k")
        again = await one.get(f"/v1/payment_intents/{held.id}")
        violations = await one.violations()

    assert (answer.status_code, again.status_code) == (500, 500)
    assert violations[0]["operation"] == "POST /v1/payment_intents/{intent}/capture"
    assert any("processing" in problem for problem in violations[0]["problems"])
    assert "against Stripe's description" in caplog.text


async def test_a_clock_that_is_away_is_a_500_and_nothing_is_done(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """R11"""
    clock = HandClock()
    async with running(config_in(tmp_path), clock, Endpoint()) as one:
        clock.is_away = True
        away = await one.post("/v1/payment_intents", NEW, Idempotency_Key="k")
        clock.is_away = False
        back = await one.post("/v1/payment_intents", NEW, Idempotency_Key="k")
        kinds = await one.event_types()

    assert (away.status_code, back.status_code) == (500, 200)
    assert away.json()["error"]["type"] == "api_error"
    assert kinds == ["payment_intent.created"]


def _corrupt(folder: Path, intent_id: str) -> None:
    with sqlite3.connect(folder / "stripe.sqlite3") as database:
        database.execute(
            "UPDATE objects SET body = json_set(body, '$.processing', 'nonsense') WHERE id = ?",
            (intent_id,),
        )
    database.close()


async def test_an_id_nobody_knows_is_resource_missing(sandbox: Sandbox) -> None:
    """R12"""
    in_path = await sandbox.get("/v1/payment_intents/pi_nobody")
    in_parameter = await sandbox.post("/v1/refunds", "payment_intent=pi_nobody")
    as_cursor = await sandbox.get("/v1/charges?starting_after=ch_nobody")

    assert [in_path.status_code, in_parameter.status_code, as_cursor.status_code] == [404, 400, 400]
    for answer in (in_path, in_parameter, as_cursor):
        assert answer.json()["error"]["code"] == "resource_missing"
