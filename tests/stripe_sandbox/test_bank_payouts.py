"""Payouts as the platform's bank sees them, and as it should not."""

from typing import Any

import pytest
import stripe

from tests.stripe_sandbox.running import OVER_HTTP, Sandbox

pytestmark = OVER_HTTP


async def paid_out(sandbox: Sandbox, amount: int = 50_00) -> stripe.Payout:
    """A payout of the platform's that has arrived; a Sunday's leaves three days later."""
    await sandbox.pay(expand=[])
    await sandbox.door("balance/mature")
    payouts = sandbox.client.v1.payouts
    payout = await payouts.create_async({"amount": amount, "currency": "eur"})
    sandbox.clock.advance(days=3)
    await sandbox.do_what_is_due()
    return await payouts.retrieve_async(payout.id)


async def lines(sandbox: Sandbox) -> list[dict[str, Any]]:
    """The oldest first."""
    found = (await sandbox.http.get("/_sandbox/bank/lines")).json()["lines"]
    return [dict(line) for line in reversed(found)]


async def test_a_paid_payout_is_on_the_statement(sandbox: Sandbox) -> None:
    """R165"""
    payout = await paid_out(sandbox)
    (line,) = await lines(sandbox)
    raw = (await sandbox.http.get("/_sandbox/bank/statement", params={"format": "mt940"})).text

    assert payout.status == "paid"
    assert payout.trace_id is not None
    assert (line["amount"], line["payout"]) == (50_00, payout.id)
    assert line["reference"] == payout.trace_id.value
    assert line["text"] == f"STRIPE PAYOUT {payout.id} {payout.trace_id.value}"
    assert payout.id in raw.replace("\r\n", "")
    assert (await sandbox.books())["currencies"]["eur"]["paid_out"] == 50_00


async def test_what_has_not_arrived_is_not_on_the_statement(sandbox: Sandbox) -> None:
    """R165"""
    await sandbox.fault("payout_fails")
    payout = await paid_out(sandbox)

    assert payout.status == "failed"
    assert await lines(sandbox) == []


@pytest.mark.parametrize("fault", ["payout_fails_after_paid", "payout_returned"])
async def test_a_payout_that_comes_back_leaves_the_bank_again(sandbox: Sandbox, fault: str) -> None:
    """R166"""
    await sandbox.fault(fault)
    payout = await paid_out(sandbox)
    sandbox.clock.advance(days=7)
    await sandbox.do_what_is_due()
    came, went = await lines(sandbox)

    assert (came["amount"], went["amount"]) == (50_00, -50_00)
    assert payout.id in went["text"]
    assert came["day"] < went["day"]
    assert (await sandbox.books())["currencies"]["eur"]["paid_out"] == 0


@pytest.mark.parametrize(
    ("fault", "amounts"),
    [
        ("bank_line_missing", []),
        ("bank_line_doubled", [50_00, 50_00]),
        ("bank_line_amount", [49_50]),
    ],
)
async def test_the_bank_can_be_wrong_about_the_next_payout(
    sandbox: Sandbox, fault: str, amounts: list[int]
) -> None:
    """R167"""
    await sandbox.fault(fault)
    await paid_out(sandbox)
    wrong = [line["amount"] for line in await lines(sandbox)]
    await paid_out(sandbox, 20_00)
    after = [line["amount"] for line in await lines(sandbox)]

    assert wrong == amounts
    assert after == [*amounts, 20_00]
    assert (await sandbox.books())["currencies"]["eur"]["paid_out"] == 70_00
