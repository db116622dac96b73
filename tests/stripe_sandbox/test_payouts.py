"""Payouts to banks: what the clock, test numbers and faults make of them."""

from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from tests.stripe_sandbox.connected import (
    VENDOR,
    acting_as,
    balance_of,
    door,
    enroll,
    events_of,
    fund,
    pay_out,
    transactions_of,
    with_money,
)
from tests.stripe_sandbox.running import OVER_HTTP, Sandbox

pytestmark = OVER_HTTP

CLOSED = "DE89370400440532013002"


async def read(sandbox: Sandbox, payout: stripe.Payout, account: str = VENDOR) -> stripe.Payout:
    await sandbox.do_what_is_due()
    return await sandbox.client.v1.payouts.retrieve_async(payout.id, None, acting_as(account))


async def payout_events(sandbox: Sandbox) -> list[str]:
    return [one.type for one in await events_of(sandbox, VENDOR) if "payout" in one.type]


async def test_a_payout_goes_to_the_bank_by_the_clock(sandbox: Sandbox) -> None:
    """R118 and R119"""
    await with_money(sandbox)

    asked = await pay_out(sandbox, 100_00, metadata={"payout": "7"}, statement_descriptor="SOUK")
    left = await balance_of(sandbox)
    sandbox.clock.advance(hours=12)
    sent = await read(sandbox, asked)
    sandbox.clock.advance(days=1)
    paid = await read(sandbox, asked)

    assert asked.arrival_date == int(datetime(2026, 3, 3, tzinfo=UTC).timestamp())
    assert (asked.status, sent.status, paid.status) == ("pending", "in_transit", "paid")
    assert left == await balance_of(sandbox) == (200_00, 0)
    assert (asked.automatic, asked.method, asked.type) == (False, "standard", "bank_account")
    assert paid.metadata is not None
    assert paid.metadata.to_dict() == {"payout": "7"}
    assert sent.trace_id is not None
    assert (sent.trace_id.status, sent.trace_id.value) == ("pending", None)
    assert paid.trace_id is not None
    assert paid.trace_id.status == "supported"
    assert paid.trace_id.value
    assert await transactions_of(sandbox) == [("payment", 300_00), ("payout", -100_00)]
    assert await payout_events(sandbox) == ["payout.created", "payout.updated", "payout.paid"]


async def test_weekends_are_no_business_days(sandbox: Sandbox) -> None:
    """R119"""
    await with_money(sandbox)
    sandbox.clock.advance(days=5)

    on_friday = await pay_out(sandbox, 1_00)

    tuesday = datetime(2026, 3, 10, tzinfo=UTC)
    assert on_friday.arrival_date == int(tuesday.timestamp())


async def test_the_platform_pays_itself_out(sandbox: Sandbox) -> None:
    """R118"""
    await fund(sandbox)

    asked = await pay_out(sandbox, 100_00, account=None)
    sandbox.clock.advance(days=2)
    await sandbox.do_what_is_due()

    paid = await sandbox.client.v1.payouts.retrieve_async(asked.id)
    assert paid.status == "paid"
    assert await balance_of(sandbox, None) == (870_70, 0)
    lines = (await sandbox.http.get("/_sandbox/bank/lines")).json()["lines"]
    assert [(one["amount"], one["payout"]) for one in lines] == [(100_00, asked.id)]


async def test_what_is_not_available_is_not_paid_out(sandbox: Sandbox) -> None:
    """R120"""
    await with_money(sandbox)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await pay_out(sandbox, 300_01)

    assert refused.value.code == "balance_insufficient"
    assert "Your card balance is too low" in str(refused.value)
    assert await balance_of(sandbox) == (300_00, 0)


async def test_a_payout_needs_a_bank_account_in_its_currency(sandbox: Sandbox) -> None:
    """R121"""
    await with_money(sandbox)
    await door(
        sandbox,
        f"accounts/{VENDOR}/bank_account",
        {"account_number": "000123456789", "country": "US", "currency": "usd"},
    )

    with pytest.raises(stripe.InvalidRequestError, match=r"external accounts.*\(eur\)"):
        await pay_out(sandbox, 1_00)


async def test_an_account_whose_payouts_are_off_is_refused(sandbox: Sandbox) -> None:
    """R121 and R97"""
    await with_money(sandbox)
    await door(sandbox, f"accounts/{VENDOR}/payouts", {"enabled": False})

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await pay_out(sandbox, 1_00)
    await door(sandbox, f"accounts/{VENDOR}/payouts", {"enabled": True})

    assert refused.value.code == "payouts_not_allowed"
    assert (await pay_out(sandbox, 1_00)).status == "pending"


async def test_a_pending_payout_can_be_cancelled(sandbox: Sandbox) -> None:
    """R122"""
    await with_money(sandbox)
    payouts = sandbox.client.v1.payouts
    asked = await pay_out(sandbox, 100_00)
    later = await pay_out(sandbox, 50_00)

    cancelled = await payouts.cancel_async(asked.id, None, acting_as(VENDOR))
    sandbox.clock.advance(days=1)
    await sandbox.do_what_is_due()
    with pytest.raises(stripe.InvalidRequestError, match="in_transit"):
        await payouts.cancel_async(later.id, None, acting_as(VENDOR))
    sandbox.clock.advance(days=5)

    assert (cancelled.status, (await read(sandbox, asked)).status) == ("canceled", "canceled")
    assert (await read(sandbox, later)).status == "paid"
    assert await balance_of(sandbox) == (250_00, 0)
    assert ("payout_cancel", 100_00) in await transactions_of(sandbox)
    assert "payout.canceled" in await payout_events(sandbox)


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

    failed = await read(sandbox, asked)

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
    await enroll(sandbox, "acct_1Other")
    await sandbox.fault("payout_fails", target=VENDOR)
    await fund(sandbox)
    spared = await pay_out(sandbox, 10_00, account=None)
    hit = await pay_out(sandbox, 100_00)
    fine = await pay_out(sandbox, 50_00)
    sandbox.clock.advance(days=2)

    failed = await read(sandbox, hit)

    assert (failed.status, failed.failure_code) == ("failed", "could_not_process")
    assert (await read(sandbox, fine)).status == "paid"
    assert (await sandbox.client.v1.payouts.retrieve_async(spared.id)).status == "paid"
    assert await balance_of(sandbox) == (250_00, 0)
    assert (await sandbox.client.v1.accounts.retrieve_async(VENDOR)).payouts_enabled


async def test_a_payout_can_fail_after_it_seemed_paid(sandbox: Sandbox) -> None:
    """R125"""
    await with_money(sandbox)
    await sandbox.fault("payout_fails_after_paid")
    asked = await pay_out(sandbox, 100_00)

    sandbox.clock.advance(days=2)
    paid = await read(sandbox, asked)
    sandbox.clock.advance(days=2)
    failed = await read(sandbox, asked)

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
    original = await read(sandbox, asked)

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
    assert (await read(sandbox, back)).status == "paid"
    assert (await read(sandbox, asked)).reversed_by == back.id
    assert await balance_of(sandbox) == (300_00, 0)


async def test_elsewhere_a_payout_cannot_be_asked_back(sandbox: Sandbox) -> None:
    """R127"""
    await with_money(sandbox)
    asked = await pay_out(sandbox, 100_00)
    sandbox.clock.advance(days=2)
    await sandbox.do_what_is_due()

    with pytest.raises(stripe.InvalidRequestError, match="United States and Canada"):
        await sandbox.client.v1.payouts.reverse_async(asked.id, None, acting_as(VENDOR))

    assert (await read(sandbox, asked)).reversed_by is None


@pytest.mark.parametrize(
    ("amount", "currency"), [(0, "eur"), (-1_00, "eur"), (150, "huf"), (150, "twd"), (5, "xxx")]
)
async def test_an_amount_no_bank_takes_is_refused(
    sandbox: Sandbox, amount: int, currency: str
) -> None:
    """R128 and R113"""
    await with_money(sandbox)

    with pytest.raises(stripe.InvalidRequestError):
        await pay_out(sandbox, amount, currency=currency)

    assert await balance_of(sandbox) == (300_00, 0)


async def test_payouts_are_found_and_their_metadata_changed(sandbox: Sandbox) -> None:
    """R129"""
    await with_money(sandbox)
    payouts = sandbox.client.v1.payouts
    first = await pay_out(sandbox, 1_00)
    sandbox.clock.advance(days=2)
    await sandbox.do_what_is_due()
    second = await pay_out(sandbox, 2_00)

    async def found(**filters: object) -> list[str]:
        listed = await payouts.list_async(filters, acting_as(VENDOR))  # type: ignore[arg-type]
        return [one.id for one in listed.data]

    changed = await payouts.update_async(first.id, {"metadata": {"seen": "yes"}}, acting_as(VENDOR))

    assert await found() == [second.id, first.id]
    assert await found(status="paid") == [first.id]
    assert await found(arrival_date={"gt": first.arrival_date}) == [second.id]
    assert await found(arrival_date=first.arrival_date) == [first.id]
    assert await found(created={"lte": first.created}) == [first.id]
    assert await found(destination=first.destination) == [second.id, first.id]
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"seen": "yes"}
    assert (await sandbox.client.v1.payouts.list_async()).data == []


async def test_what_a_manual_payout_took_along_is_not_told(sandbox: Sandbox) -> None:
    """R130"""
    await with_money(sandbox)
    asked = await pay_out(sandbox, 1_00)

    with pytest.raises(stripe.InvalidRequestError, match="only be filtered on automatic"):
        await sandbox.client.v1.balance_transactions.list_async(
            {"payout": asked.id}, acting_as(VENDOR)
        )
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        await sandbox.client.v1.balance_transactions.list_async({"payout": "po_nobody"})

    assert unknown.value.code == "resource_missing"
