"""What the platform hears of its connected accounts."""

import json
from pathlib import Path

import stripe

from stripe_sandbox.config import SandboxConfig
from stripe_sandbox.spec import Description
from tests.stripe_sandbox.connected import (
    OTHER,
    VENDOR,
    acting_as,
    door,
    enroll,
    events_of,
    pay_out,
    transfer,
    with_money,
)
from tests.stripe_sandbox.running import (
    OVER_HTTP,
    SECRET,
    HandClock,
    Sandbox,
    an_endpoint,
    config_in,
    running,
)

pytestmark = OVER_HTTP

CONNECT_SECRET = "whsec_another_secret_for_tests"
OWN = {"transfer.created", "transfer.reversed", "balance.available"}
THEIRS = {
    "account.application.deauthorized",
    "account.external_account.created",
    "account.external_account.updated",
    "account.updated",
    "balance_settings.updated",
    "charge.refunded",
    "payment.created",
    "payout.canceled",
    "payout.created",
    "payout.failed",
    "payout.paid",
    "payout.updated",
}


async def test_connected_accounts_have_an_endpoint_of_their_own(tmp_path: Path) -> None:
    """R104 and R73"""
    async with an_endpoint() as own, an_endpoint() as connect:
        config = config_in(
            tmp_path,
            webhook_url=own.url,
            connect_webhook_url=connect.url,
            connect_webhook_secret=CONNECT_SECRET,
        )
        clock = HandClock()
        async with running(config, clock, own) as sandbox:
            await with_money(sandbox)
            await sandbox.flush()

            assert "transfer.created" in own.types
            assert not {"account.updated", "payment.created"} & set(own.types)
            assert set(connect.types) >= {"account.updated", "payment.created"}
            body, header = connect.arrived[-1]
            assert json.loads(body)["account"] == VENDOR
            assert "account" not in json.loads(own.arrived[-1][0])
            assert stripe.WebhookSignature.verify_header(
                body.decode(), header, CONNECT_SECRET, tolerance=None
            )
            event = json.loads(body)["id"]
            again = await sandbox.http.post(f"/_sandbox/events/{event}/deliver")
            assert again.json()["delivered"]
            assert json.loads(connect.arrived[-1][0])["id"] == event


async def test_without_one_the_platforms_endpoint_hears_all(wired: Sandbox) -> None:
    """R104"""
    await enroll(wired)
    await wired.flush()

    body, header = wired.endpoint.arrived[-1]
    assert json.loads(body)["account"] == VENDOR
    assert stripe.WebhookSignature.verify_header(body.decode(), header, SECRET, tolerance=None)


def test_an_account_without_any_endpoint_is_not_heard(tmp_path: Path) -> None:
    """R104"""
    config: SandboxConfig = config_in(tmp_path, connect_webhook_url="http://connect.test")

    assert config.endpoint_for(config.account) is None
    assert config.endpoint_for(VENDOR) == ("http://connect.test", SECRET)


async def test_every_event_of_an_account_has_an_object_as_described(sandbox: Sandbox) -> None:
    """R11 and R71"""
    await with_money(sandbox)
    sent = await transfer(sandbox, 10_00)
    await sandbox.client.v1.transfers.reversals.create_async(sent.id, {"amount": 1_00})
    await sandbox.client.v1.balance_settings.update_async(
        {"payments": {"debit_negative_balances": True}}, acting_as(VENDOR)
    )
    await pay_out(sandbox, 1_00)
    await sandbox.fault("payout_returned")
    await pay_out(sandbox, 2_00)
    cancelled = await pay_out(sandbox, 3_00)
    await sandbox.client.v1.payouts.cancel_async(cancelled.id, None, acting_as(VENDOR))
    broken = {"account_number": "DE89370400440532013002"}
    await door(sandbox, f"accounts/{VENDOR}/bank_account", broken)
    await pay_out(sandbox, 4_00)
    sandbox.clock.advance(days=5)
    await sandbox.flush()
    theirs = await events_of(sandbox, VENDOR)
    await enroll(sandbox, OTHER)
    goodbye = await door(sandbox, f"accounts/{OTHER}/deauthorize")

    told = [one.to_dict() for one in [*theirs, *await sandbox.events(*OWN)]] + [goodbye]
    checks = Description.load().checks
    problems: list[str] = []
    for event in told:
        thing = event["data"]["object"]
        schema = {"$ref": f"#/components/schemas/{thing['object']}"}
        checks.of(schema)(thing, event["type"], problems)

    assert problems == []
    assert {event["type"] for event in told} == OWN | THEIRS
    assert {event.get("account") for event in told} == {None, VENDOR, OTHER}
