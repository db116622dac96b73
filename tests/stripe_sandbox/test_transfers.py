"""Transfers between the platform and connected accounts."""

import pytest
import stripe

from tests.stripe_sandbox.connected import (
    OTHER,
    VENDOR,
    WITH_LOSSES,
    acting_as,
    balance_of,
    enroll,
    events_of,
    fund,
    transactions_of,
    transfer,
    with_money,
)
from tests.stripe_sandbox.running import OVER_HTTP, Sandbox

pytestmark = OVER_HTTP


async def test_a_transfer_moves_the_money_at_once(sandbox: Sandbox) -> None:
    """R106"""
    await enroll(sandbox)
    await fund(sandbox, 100_00)

    sent = await transfer(
        sandbox, 40_00, transfer_group="payout-1", metadata={"payout": "1"}, description="March"
    )

    assert (sent.amount, sent.currency, sent.destination) == (40_00, "eur", VENDOR)
    assert (sent.amount_reversed, sent.reversed, sent.transfer_group) == (0, False, "payout-1")
    assert await balance_of(sandbox, None) == (96_80 - 40_00, 0)
    assert await balance_of(sandbox) == (40_00, 0)
    assert await transactions_of(sandbox, None) == [("charge", 96_80), ("transfer", -40_00)]
    assert await transactions_of(sandbox) == [("payment", 40_00)]
    assert (await sandbox.event_types())[-1] == "transfer.created"
    assert str((await events_of(sandbox, VENDOR))[-1].type) == "payment.created"


async def test_both_sides_of_a_transfer_can_be_expanded(sandbox: Sandbox) -> None:
    """R106 and R14"""
    await enroll(sandbox)
    await fund(sandbox)
    wanted = ["destination", "destination_payment.balance_transaction", "balance_transaction"]

    sent = await transfer(sandbox, 40_00, expand=wanted)

    assert isinstance(sent.destination, stripe.Account)
    payment = sent.destination_payment
    assert isinstance(payment, stripe.Charge)
    assert payment.id.startswith("py_")
    assert payment.source_transfer == sent.id
    assert isinstance(payment.balance_transaction, stripe.BalanceTransaction)
    assert payment.balance_transaction.reporting_category == "charge"
    assert isinstance(sent.balance_transaction, stripe.BalanceTransaction)
    assert sent.balance_transaction.source == sent.id


async def test_what_is_not_available_cannot_be_transferred(sandbox: Sandbox) -> None:
    """R107"""
    await enroll(sandbox)
    await sandbox.pay(100_00)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await transfer(sandbox, 1_00)

    assert (refused.value.code, refused.value.http_status) == ("balance_insufficient", 400)
    assert "insufficient available funds" in str(refused.value)
    assert await balance_of(sandbox) == (0, 0)
    assert await balance_of(sandbox, None) == (0, 96_80)


async def test_a_transfer_may_wait_for_the_charge_that_pays_it(sandbox: Sandbox) -> None:
    """R108"""
    await enroll(sandbox)
    paid = await sandbox.pay(100_00, expand=[])

    sent = await transfer(sandbox, 60_00, source_transaction=paid.latest_charge)
    pending = await balance_of(sandbox)
    platform = await balance_of(sandbox, None)
    sandbox.clock.advance(days=2)

    assert sent.source_transaction == paid.latest_charge
    assert sent.transfer_group == f"group_{paid.id}"
    assert (pending, platform) == ((0, 60_00), (0, 36_80))
    assert await balance_of(sandbox) == (60_00, 0)
    assert await balance_of(sandbox, None) == (36_80, 0)


async def test_a_transfer_takes_over_the_charges_group(sandbox: Sandbox) -> None:
    """R108"""
    await enroll(sandbox)
    paid = await fund(sandbox, transfer_group="order-7")

    sent = await transfer(sandbox, 60_00, source_transaction=paid.latest_charge)

    assert sent.transfer_group == "order-7"
    assert await balance_of(sandbox) == (60_00, 0)


async def test_transfers_do_not_exceed_their_charge(sandbox: Sandbox) -> None:
    """R109"""
    await enroll(sandbox)
    await fund(sandbox)
    paid = await sandbox.pay(100_00, expand=[])
    await transfer(sandbox, 60_00, source_transaction=paid.latest_charge)

    with pytest.raises(stripe.InvalidRequestError, match=r"amounting to €60\.00"):
        await transfer(sandbox, 40_01, source_transaction=paid.latest_charge)
    with pytest.raises(stripe.InvalidRequestError, match="must be the same"):
        await transfer(sandbox, 1_00, source_transaction=paid.latest_charge, currency="usd")
    held = await sandbox.hold()
    with pytest.raises(stripe.InvalidRequestError, match="not been captured"):
        await transfer(sandbox, 1_00, source_transaction=held.latest_charge)

    await transfer(sandbox, 40_00, source_transaction=paid.latest_charge)
    assert sum(await balance_of(sandbox)) == 100_00


async def test_only_who_may_receive_gets_a_transfer(sandbox: Sandbox) -> None:
    """R110"""
    await fund(sandbox)
    fresh = await sandbox.client.v1.accounts.create_async(WITH_LOSSES)

    with pytest.raises(stripe.InvalidRequestError) as unable:
        await transfer(sandbox, 1_00, fresh.id)
    with pytest.raises(stripe.InvalidRequestError) as unknown:
        await transfer(sandbox, 1_00, "acct_nobody")

    assert unable.value.code == "insufficient_capabilities_for_transfer"
    assert (unknown.value.code, unknown.value.param) == ("resource_missing", "destination")
    assert await balance_of(sandbox, None) == (970_70, 0)


async def test_transfers_are_found_and_their_words_changed(sandbox: Sandbox) -> None:
    """R111"""
    await enroll(sandbox)
    await enroll(sandbox, OTHER)
    await fund(sandbox)
    mine = await transfer(sandbox, 1_00, transfer_group="a")
    theirs = await transfer(sandbox, 2_00, OTHER, transfer_group="b")
    transfers = sandbox.client.v1.transfers

    async def found(**filters: object) -> list[str]:
        listed = await transfers.list_async(filters)  # type: ignore[arg-type]
        return [one.id for one in listed.data]

    changed = await transfers.update_async(mine.id, {"metadata": {"a": "b"}, "description": "c"})

    assert await found() == [theirs.id, mine.id]
    assert await found(destination=OTHER) == [theirs.id]
    assert await found(transfer_group="a") == [mine.id]
    assert await found(created={"lt": mine.created}) == []
    assert (changed.metadata.to_dict(), changed.description) == ({"a": "b"}, "c")
    assert (await transfers.retrieve_async(mine.id)).description == "c"
    assert (await sandbox.event_types())[-1] == "transfer.updated"


async def test_the_platform_may_debit_an_account(sandbox: Sandbox) -> None:
    """R112"""
    await with_money(sandbox, 300_00)
    transfers = sandbox.client.v1.transfers
    asked: stripe.params.TransferCreateParams = {
        "amount": 20_00,
        "currency": "eur",
        "destination": sandbox.config.account,
    }

    sent = await transfers.create_async(asked, acting_as(VENDOR))
    with pytest.raises(stripe.InvalidRequestError) as short:
        await transfers.create_async(asked | {"amount": 280_01}, acting_as(VENDOR))
    with pytest.raises(stripe.InvalidRequestError) as sideways:
        await transfers.create_async(asked | {"destination": OTHER}, acting_as(VENDOR))

    assert sent.destination == sandbox.config.account
    assert await balance_of(sandbox) == (280_00, 0)
    assert await balance_of(sandbox, None) == (970_70 - 280_00, 0)
    assert short.value.code == "balance_insufficient"
    assert sideways.value.code == "resource_missing"


@pytest.mark.parametrize(
    ("amount", "currency"), [(0, "eur"), (-5, "eur"), (10**12, "eur"), (5, "xxx"), (1_001, "kwd")]
)
async def test_an_amount_nobody_can_move_is_refused(
    sandbox: Sandbox, amount: int, currency: str
) -> None:
    """R113"""
    await with_money(sandbox)

    with pytest.raises(stripe.InvalidRequestError):
        await transfer(sandbox, amount, currency=currency)

    assert await balance_of(sandbox) == (300_00, 0)


async def test_a_transfer_needs_an_amount(sandbox: Sandbox) -> None:
    """R113 and R7"""
    await enroll(sandbox)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sandbox.client.v1.transfers.create_async({"currency": "eur", "destination": VENDOR})

    assert (refused.value.code, refused.value.param) == ("parameter_missing", "amount")


async def test_a_transfer_repeated_after_a_lost_answer_is_made_once(sandbox: Sandbox) -> None:
    """R79 and R17"""
    await enroll(sandbox)
    await fund(sandbox)
    await sandbox.fault("timeout_after_work", path="POST /v1/transfers")
    asked: stripe.params.TransferCreateParams = {
        "amount": 10_00,
        "currency": "eur",
        "destination": VENDOR,
    }

    with pytest.raises(stripe.APIConnectionError):
        await sandbox.client.v1.transfers.create_async(asked, {"idempotency_key": "t"})
    again = await sandbox.client.v1.transfers.create_async(asked, {"idempotency_key": "t"})

    listed = await sandbox.client.v1.transfers.list_async()
    assert [one.id for one in listed.data] == [again.id]
    assert await balance_of(sandbox) == (10_00, 0)
