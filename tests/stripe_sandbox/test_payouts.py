"""Payouts to banks: what the clock, test numbers and faults make of them."""

from datetime import UTC, datetime

import pytest
import stripe

from tests.stripe_sandbox.connected import (
    VENDOR,
    acting_as,
    balance_of,
    door,
    fund,
    pay_out,
    payout_events,
    read_payout,
    transactions_of,
    with_money,
)
from tests.stripe_sandbox.running import OVER_HTTP, Sandbox

pytestmark = OVER_HTTP


async def test_a_payout_goes_to_the_bank_by_the_clock(sandbox: Sandbox) -> None:
    """R118 and R119"""
    await with_money(sandbox)

    asked = await pay_out(sandbox, 100_00, metadata={"payout": "7"}, statement_descriptor="SOUK")
    left = await balance_of(sandbox)
    sandbox.clock.advance(hours=12)
    sent = await read_payout(sandbox, asked)
    sandbox.clock.advance(days=1)
    paid = await read_payout(sandbox, asked)

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

    assert (cancelled.status, (await read_payout(sandbox, asked)).status) == (
        "canceled",
        "canceled",
    )
    assert (await read_payout(sandbox, later)).status == "paid"
    assert await balance_of(sandbox) == (250_00, 0)
    assert ("payout_cancel", 100_00) in await transactions_of(sandbox)
    assert "payout.canceled" in await payout_events(sandbox)


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
