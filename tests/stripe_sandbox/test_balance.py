"""The account's money: pending, available, and the books behind it."""

from datetime import UTC, datetime
from typing import Any

import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stripe_sandbox.running import OVER_HTTP, Sandbox

pytestmark = OVER_HTTP


def amounts(balance: list[stripe.Balance.Available] | list[stripe.Balance.Pending]) -> object:
    return {one.currency: one.amount for one in balance}


async def test_money_is_pending_until_midnight_two_days_later(sandbox: Sandbox) -> None:
    """R66"""
    paid = await sandbox.pay(100_00)
    assert isinstance(paid.latest_charge, stripe.Charge)
    booked = paid.latest_charge.balance_transaction
    assert isinstance(booked, stripe.BalanceTransaction)
    midnight = datetime(2026, 3, 3, tzinfo=UTC)

    sandbox.clock.advance(hours=35, minutes=59, seconds=59)
    transactions = sandbox.client.v1.balance_transactions
    before = await transactions.retrieve_async(booked.id)
    sandbox.clock.advance(seconds=1)
    after = await transactions.retrieve_async(booked.id)

    assert booked.available_on == int(midnight.timestamp())
    assert sandbox.clock.now == midnight
    assert (booked.status, before.status, after.status) == ("pending", "pending", "available")


async def test_the_balance_is_added_up_by_currency(sandbox: Sandbox) -> None:
    """R67 and R69"""
    await sandbox.pay(100_00)
    sandbox.clock.advance(days=3)
    paid = await sandbox.pay(50_00, currency="usd")
    await sandbox.refunds.create_async({"payment_intent": paid.id, "amount": 10_00})

    balance = await sandbox.client.v1.balance.retrieve_async()

    assert amounts(balance.available) == {"eur": 96_80, "usd": 0}
    assert amounts(balance.pending) == {"eur": 0, "usd": 50_00 - 1_75 - 10_00}


async def test_an_account_without_money_has_a_balance_of_nothing(sandbox: Sandbox) -> None:
    """R67"""
    balance = await sandbox.client.v1.balance.retrieve_async()

    assert amounts(balance.available) == {"eur": 0}


async def test_transactions_are_found_by_what_they_are_about(sandbox: Sandbox) -> None:
    """R68"""
    paid = await sandbox.pay(100_00, expand=[])
    refund = await sandbox.refunds.create_async({"payment_intent": paid.id, "amount": 1_00})
    await sandbox.pay(60_00, currency="usd")
    transactions = sandbox.client.v1.balance_transactions

    async def found(**filters: object) -> list[int]:
        listed = await transactions.list_async(filters)  # type: ignore[arg-type]
        return [one.amount for one in listed.data]

    assert await found() == [60_00, -1_00, 100_00]
    assert await found(currency="eur") == [-1_00, 100_00]
    assert await found(type="refund") == [-1_00]
    assert await found(source=paid.latest_charge) == [100_00]
    assert await found(source=refund.id) == [-1_00]
    assert await found(created={"gt": int(sandbox.clock.now.timestamp())}) == []


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["pay", "hold", "capture", "cancel", "refund", "dispute", "decide", "wait"]
        ),
        st.integers(50, 500_00),
    ),
    min_size=1,
    max_size=12,
)


async def decide_all(sandbox: Sandbox, verdict: str) -> None:
    for dispute in (await sandbox.client.v1.disputes.list_async()).data:
        await sandbox.http.post(f"/_sandbox/disputes/{dispute.id}/{verdict}")


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
async def test_whatever_happens_the_books_agree(
    sandbox: Sandbox, steps: list[tuple[str, int]]
) -> None:
    """R70"""
    paid = await sandbox.pay(expand=[])
    held = await sandbox.hold()
    before = (await sandbox.books())["currencies"]["eur"]
    taken = given_back = 0
    for step, amount in steps:
        sandbox.clock.advance(minutes=5)
        try:
            match step:
                case "pay":
                    paid = await sandbox.pay(amount, expand=[])
                    taken += amount
                case "hold":
                    held = await sandbox.hold(amount)
                case "capture":
                    asked: Any = {"amount_to_capture": amount}
                    captured = await sandbox.intents.capture_async(held.id, asked)
                    taken += captured.amount_received
                case "cancel":
                    await sandbox.intents.cancel_async(held.id)
                case "refund":
                    back: Any = {"payment_intent": paid.id, "amount": amount}
                    given_back += (await sandbox.refunds.create_async(back)).amount
                case "dispute":
                    asked_for = {"charge": paid.latest_charge, "amount": amount}
                    await sandbox.http.post("/_sandbox/disputes", json=asked_for)
                case "decide":
                    await decide_all(sandbox, "win" if amount % 2 else "lose")
                case _:
                    sandbox.clock.advance(days=1)
        except stripe.InvalidRequestError:
            continue  # refused: the books below show that nothing moved

    after = (await sandbox.books())["currencies"]["eur"]
    assert after["agrees"]
    assert after["captured"] - before["captured"] == taken
    assert after["refunded"] - before["refunded"] == given_back
    kept = after["captured"] - after["refunded"]
    assert kept == after["fees"] + after["disputed"] + after["balance"]
    assert after["balance"] == after["available"] + after["pending"]
