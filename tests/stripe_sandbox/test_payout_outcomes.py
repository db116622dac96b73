"""How payouts end that do not simply arrive."""

from typing import Any

import pytest
import stripe

from tests.stripe_sandbox.connected import (
    OTHER,
    VENDOR,
    acting_as,
    balance_of,
    door,
    enroll,
    events_of,
    fund,
    pay_out,
    payout_events,
    read_payout,
    transactions_of,
    with_money,
)
from tests.stripe_sandbox.running import OVER_HTTP, Sandbox

pytestmark = OVER_HTTP

CLOSED = "DE89370400440532013002"


@pytest.mark.parametrize(
    ("number", "country", "code"),
    [
        ("DE62370400440532013001", "DE", "no_account"),
        (CLOSED, "DE", "account_closed"),
        ("FR89370400440532013003", "FR", "insufficient_funds"),
        ("DE89370400440532013004", "DE", "debit_not_authorized"),
        ("000444444440", "US", "invalid_currency"),
    ],
)
async def test_a_test_number_makes_payouts_fail(
    sandbox: Sandbox, number: str, country: str, code: str
) -> None:
    """R123"""
    bank = {"account_number": number, "country": country, "currency": "eur"}
    await with_money(sandbox, bank_account=bank)
    asked = await pay_out(sandbox, 100_00)
    sandbox.clock.advance(days=2)

    failed = await read_payout(sandbox, asked)

    assert (failed.status, failed.failure_code) == ("failed", code)
    assert failed.failure_message
    assert failed.failure_balance_transaction
    assert await balance_of(sandbox) == (300_00, 0)
    assert (await transactions_of(sandbox))[-1] == ("payout_failure", 100_00)
    assert "payout.failed" in await payout_events(sandbox)


async def test_after_a_failure_the_bank_account_has_to_be_replaced(sandbox: Sandbox) -> None:
    """R123 and R98"""
    await with_money(sandbox, bank_account={"account_number": CLOSED})
    await pay_out(sandbox, 100_00)
    sandbox.clock.advance(days=2)
    await sandbox.do_what_is_due()

    broken = await sandbox.client.v1.accounts.retrieve_async(VENDOR)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await pay_out(sandbox, 100_00)
    new = {"account_number": "DE89370400440532013000", "country": "DE"}
    await door(sandbox, f"accounts/{VENDOR}/bank_account", new)

    assert (broken.payouts_enabled, broken.charges_enabled) == (False, True)
    assert broken.external_accounts is not None
    held: Any = broken.external_accounts.data[0]
    assert (held.status, held.last4) == ("errored", "3002")
    assert broken.requirements is not None
    assert broken.requirements.past_due == ["external_account"]
    assert refused.value.code == "payouts_not_allowed"
    assert (await pay_out(sandbox, 100_00)).status == "pending"
    assert "account.external_account.updated" in [
        one.type for one in await events_of(sandbox, VENDOR)
    ]


async def test_a_fault_makes_the_next_payout_fail(sandbox: Sandbox) -> None:
    """R124"""
    await with_money(sandbox)
    await enroll(sandbox, OTHER)
    await sandbox.fault("payout_fails", target=VENDOR)
    await fund(sandbox)
    spared = await pay_out(sandbox, 10_00, account=None)
    hit = await pay_out(sandbox, 100_00)
    fine = await pay_out(sandbox, 50_00)
    sandbox.clock.advance(days=2)

    failed = await read_payout(sandbox, hit)

    assert (failed.status, failed.failure_code) == ("failed", "could_not_process")
    assert (await read_payout(sandbox, fine)).status == "paid"
    assert (await sandbox.client.v1.payouts.retrieve_async(spared.id)).status == "paid"
    assert await balance_of(sandbox) == (250_00, 0)
    assert (await sandbox.client.v1.accounts.retrieve_async(VENDOR)).payouts_enabled


async def test_a_payout_can_fail_after_it_seemed_paid(sandbox: Sandbox) -> None:
    """R125"""
    await with_money(sandbox)
    await sandbox.fault("payout_fails_after_paid")
    asked = await pay_out(sandbox, 100_00)

    sandbox.clock.advance(days=2)
    paid = await read_payout(sandbox, asked)
    sandbox.clock.advance(days=2)
    failed = await read_payout(sandbox, asked)

    assert (paid.status, failed.status) == ("paid", "failed")
    assert await balance_of(sandbox) == (300_00, 0)
    happened = await payout_events(sandbox)
    assert happened[-2:] == ["payout.paid", "payout.failed"]


async def test_a_bank_can_return_a_paid_payout(sandbox: Sandbox) -> None:
    """R126"""
    await with_money(sandbox)
    await sandbox.fault("payout_returned", target=VENDOR)
    asked = await pay_out(sandbox, 100_00)

    sandbox.clock.advance(days=4)
    original = await read_payout(sandbox, asked)

    assert original.status == "paid"
    assert isinstance(original.reversed_by, str)
    back = await sandbox.client.v1.payouts.retrieve_async(
        original.reversed_by, {"expand": ["original_payout"]}, acting_as(VENDOR)
    )
    assert (back.amount, back.status) == (-100_00, "paid")
    assert isinstance(back.original_payout, stripe.Payout)
    assert back.original_payout.id == asked.id
    assert await balance_of(sandbox) == (300_00, 0)
    assert (await transactions_of(sandbox))[-1] == ("payout", 100_00)


async def test_a_platform_can_ask_for_a_paid_payout_back(sandbox: Sandbox) -> None:
    """R127"""
    await with_money(sandbox, country="US", default_currency="eur")
    payouts = sandbox.client.v1.payouts
    asked = await pay_out(sandbox, 100_00)
    with pytest.raises(stripe.InvalidRequestError, match="only a paid payout"):
        await payouts.reverse_async(asked.id, None, acting_as(VENDOR))
    sandbox.clock.advance(days=2)
    await sandbox.do_what_is_due()

    back = await payouts.reverse_async(asked.id, {"metadata": {"a": "b"}}, acting_as(VENDOR))
    waiting = await balance_of(sandbox)
    with pytest.raises(stripe.InvalidRequestError, match="only once"):
        await payouts.reverse_async(asked.id, None, acting_as(VENDOR))
    sandbox.clock.advance(days=4)

    assert (back.amount, back.status, back.original_payout) == (-100_00, "pending", asked.id)
    assert waiting == (200_00, 100_00)
    assert (await read_payout(sandbox, back)).status == "paid"
    assert (await read_payout(sandbox, asked)).reversed_by == back.id
    assert await balance_of(sandbox) == (300_00, 0)


async def test_elsewhere_a_payout_cannot_be_asked_back(sandbox: Sandbox) -> None:
    """R127"""
    await with_money(sandbox)
    asked = await pay_out(sandbox, 100_00)
    sandbox.clock.advance(days=2)
    await sandbox.do_what_is_due()

    with pytest.raises(stripe.InvalidRequestError, match="United States and Canada"):
        await sandbox.client.v1.payouts.reverse_async(asked.id, None, acting_as(VENDOR))

    assert (await read_payout(sandbox, asked)).reversed_by is None
