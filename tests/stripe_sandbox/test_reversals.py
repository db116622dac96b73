"""Transfers that come back, in whole or in parts."""

import pytest
import stripe

from tests.stripe_sandbox.connected import (
    VENDOR,
    acting_as,
    balance_of,
    enroll,
    events_of,
    fund,
    pay_out,
    transactions_of,
    transfer,
    with_money,
)
from tests.stripe_sandbox.running import OVER_HTTP, Sandbox, previous

pytestmark = OVER_HTTP


async def reverse(
    sandbox: Sandbox, sent: stripe.Transfer, amount: int | None = None
) -> stripe.TransferReversal:
    asked: stripe.params.TransferReversalCreateParams = {"metadata": {"why": "refund"}}
    if amount is not None:
        asked["amount"] = amount
    return await sandbox.client.v1.transfers.reversals.create_async(sent.id, asked)


async def ready(sandbox: Sandbox, amount: int = 100_00) -> stripe.Transfer:
    await enroll(sandbox)
    await fund(sandbox)
    return await transfer(sandbox, amount)


async def test_a_transfer_comes_back_in_parts(sandbox: Sandbox) -> None:
    """R114"""
    sent = await ready(sandbox)

    first = await reverse(sandbox, sent, 30_00)
    partly = await sandbox.client.v1.transfers.retrieve_async(sent.id)
    second = await reverse(sandbox, sent)
    whole = await sandbox.client.v1.transfers.retrieve_async(sent.id)

    assert (first.amount, second.amount) == (30_00, 70_00)
    assert (partly.amount_reversed, partly.reversed) == (30_00, False)
    assert (whole.amount_reversed, whole.reversed) == (100_00, True)
    assert await balance_of(sandbox) == (0, 0)
    assert await balance_of(sandbox, None) == (970_70, 0)
    assert (await transactions_of(sandbox, None))[1:] == [
        ("transfer", -100_00),
        ("transfer_refund", 30_00),
        ("transfer_refund", 70_00),
    ]
    assert await transactions_of(sandbox) == [
        ("payment", 100_00),
        ("payment_refund", -30_00),
        ("payment_refund", -70_00),
    ]


async def test_a_reversal_is_told_of_on_both_sides(sandbox: Sandbox) -> None:
    """R114 and R71"""
    sent = await ready(sandbox)

    done = await reverse(sandbox, sent, 30_00)

    told = (await sandbox.events("transfer.reversed"))[0]
    before = previous(told)
    assert isinstance(before, dict)
    assert before["amount_reversed"] == 0
    assert isinstance(done.destination_payment_refund, str)
    assert done.destination_payment_refund.startswith("pyr_")
    refunds = sandbox.client.v1.refunds
    given = await refunds.retrieve_async(done.destination_payment_refund, None, acting_as(VENDOR))
    assert (given.amount, given.source_transfer_reversal) == (30_00, done.id)
    assert (await events_of(sandbox, VENDOR))[-1].type == "charge.refunded"


async def test_more_than_is_left_does_not_come_back(sandbox: Sandbox) -> None:
    """R115"""
    sent = await ready(sandbox)
    await reverse(sandbox, sent, 30_00)

    with pytest.raises(stripe.InvalidRequestError, match=r"€70\.01.*€70\.00"):
        await reverse(sandbox, sent, 70_01)
    with pytest.raises(stripe.InvalidRequestError):
        await reverse(sandbox, sent, 0)
    await reverse(sandbox, sent)
    with pytest.raises(stripe.InvalidRequestError, match="already fully reversed"):
        await reverse(sandbox, sent)

    assert await balance_of(sandbox) == (0, 0)


async def test_what_was_paid_out_does_not_come_back(sandbox: Sandbox) -> None:
    """R116"""
    sent = await ready(sandbox)
    await pay_out(sandbox, 60_00)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await reverse(sandbox, sent, 40_01)
    await reverse(sandbox, sent, 40_00)

    assert refused.value.code == "balance_insufficient"
    assert await balance_of(sandbox) == (0, 0)


async def test_what_is_still_pending_can_come_back(sandbox: Sandbox) -> None:
    """R116"""
    await enroll(sandbox)
    paid = await sandbox.pay(100_00, expand=[])
    sent = await transfer(sandbox, 60_00, source_transaction=paid.latest_charge)

    await reverse(sandbox, sent, 20_00)

    assert await balance_of(sandbox) == (0, 40_00)
    assert await balance_of(sandbox, None) == (0, 96_80 - 40_00)
    sandbox.clock.advance(days=2)
    assert await balance_of(sandbox) == (40_00, 0)


async def test_reversals_are_found_and_their_metadata_changed(sandbox: Sandbox) -> None:
    """R117"""
    await with_money(sandbox)
    sent = await transfer(sandbox, 100_00)
    other = await transfer(sandbox, 100_00)
    for _ in range(11):
        await reverse(sandbox, sent, 1_00)
    last = await reverse(sandbox, sent, 2_00)
    elsewhere = await reverse(sandbox, other, 3_00)
    reversals = sandbox.client.v1.transfers.reversals

    changed = await reversals.update_async(sent.id, last.id, {"metadata": {"why": "else"}})
    listed = await reversals.list_async(sent.id, {"limit": 100})
    shown = (await sandbox.client.v1.transfers.retrieve_async(sent.id)).reversals

    assert [one.amount for one in listed.data] == [2_00] + [1_00] * 11
    assert (len(shown.data), shown.has_more, shown.data[0].id) == (10, True, last.id)
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"why": "else"}
    assert shown.data[0].metadata == changed.metadata
    assert (await reversals.retrieve_async(sent.id, last.id)).amount == 2_00
    with pytest.raises(stripe.InvalidRequestError) as missing:
        await reversals.retrieve_async(sent.id, elsewhere.id)
    assert missing.value.code == "resource_missing"
