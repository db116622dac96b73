"""Money given back."""

import pytest
import stripe

from tests.stripe_sandbox.running import OVER_HTTP, Sandbox, previous

pytestmark = OVER_HTTP


async def test_a_refund_without_an_amount_gives_back_all_that_is_left(sandbox: Sandbox) -> None:
    """R56"""
    paid = await sandbox.pay(100_00)

    part = await sandbox.refunds.create_async({"payment_intent": paid.id, "amount": 25_00})
    rest = await sandbox.refunds.create_async({"payment_intent": paid.id})

    charge = await sandbox.client.v1.charges.retrieve_async(str(part.charge))
    assert (part.amount, rest.amount) == (25_00, 75_00)
    assert (part.status, part.reason) == ("succeeded", None)
    assert (charge.amount_refunded, charge.refunded) == (100_00, True)
    assert (await sandbox.event_types())[-4:] == ["refund.created", "charge.refunded"] * 2
    event = (await sandbox.events("charge.refunded"))[0]
    assert previous(event) == {"amount_refunded": 0}


async def test_a_refund_costs_nothing_and_the_fee_is_not_returned(sandbox: Sandbox) -> None:
    """R57"""
    paid = await sandbox.pay(100_00)

    refund = await sandbox.refunds.create_async(
        {"payment_intent": paid.id, "amount": 25_00, "expand": ["balance_transaction"]}
    )

    booked = refund.balance_transaction
    assert isinstance(booked, stripe.BalanceTransaction)
    assert (booked.amount, booked.fee, booked.net, booked.type) == (-25_00, 0, -25_00, "refund")
    book = (await sandbox.books())["currencies"]["eur"]
    assert (book["fees"], book["balance"]) == (3_20, 100_00 - 3_20 - 25_00)


async def test_more_than_is_left_cannot_be_refunded(sandbox: Sandbox) -> None:
    """R58"""
    paid = await sandbox.pay(1_100_00)
    await sandbox.refunds.create_async({"payment_intent": paid.id, "amount": 1_000_00})

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sandbox.refunds.create_async({"payment_intent": paid.id, "amount": 1_000_00})

    assert refused.value.user_message == (
        "Refund amount (€1,000.00) is greater than unrefunded amount on charge (€100.00)"
    )
    assert (await sandbox.books())["currencies"]["eur"]["refunded"] == 1_000_00


@pytest.mark.parametrize("amount", [0, -1])
async def test_less_than_one_cannot_be_refunded(sandbox: Sandbox, amount: int) -> None:
    """R27"""
    paid = await sandbox.pay()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sandbox.refunds.create_async({"payment_intent": paid.id, "amount": amount})

    assert refused.value.code == "parameter_invalid_integer"


async def test_what_is_refunded_in_full_is_refused(sandbox: Sandbox) -> None:
    """R59"""
    paid = await sandbox.pay()
    await sandbox.refunds.create_async({"payment_intent": paid.id})

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sandbox.refunds.create_async({"payment_intent": paid.id, "amount": 1})

    assert refused.value.code == "charge_already_refunded"


async def test_what_is_only_authorised_cannot_be_refunded(sandbox: Sandbox) -> None:
    """R60"""
    held = await sandbox.hold()

    with pytest.raises(stripe.InvalidRequestError, match="cancel the PaymentIntent"):
        await sandbox.refunds.create_async({"payment_intent": held.id})


async def test_only_what_was_captured_can_be_refunded(sandbox: Sandbox) -> None:
    """R58"""
    held = await sandbox.hold(100_00)
    await sandbox.intents.capture_async(held.id, {"amount_to_capture": 40_00})

    with pytest.raises(stripe.InvalidRequestError):
        await sandbox.refunds.create_async({"payment_intent": held.id, "amount": 40_01})
    whole = await sandbox.refunds.create_async({"payment_intent": held.id})

    assert whole.amount == 40_00


async def test_an_intent_that_was_not_paid_cannot_be_refunded(sandbox: Sandbox) -> None:
    """R61"""
    fresh = await sandbox.intents.create_async({"amount": 1000, "currency": "eur"})
    with pytest.raises(stripe.CardError) as declined:
        await sandbox.pay(card="pm_card_chargeDeclined")
    assert declined.value.error is not None
    assert declined.value.error.payment_intent is not None

    for id_ in (fresh.id, declined.value.error.payment_intent.id):
        with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
            await sandbox.refunds.create_async({"payment_intent": id_})


async def test_a_refund_names_what_it_gives_back(sandbox: Sandbox) -> None:
    """R62"""
    mine = await sandbox.pay(expand=[])
    other = await sandbox.pay(expand=[])

    by_charge = await sandbox.refunds.create_async({"charge": str(mine.latest_charge)})
    for params in ({}, {"charge": other.latest_charge, "payment_intent": mine.id}):
        with pytest.raises(stripe.InvalidRequestError):
            await sandbox.refunds.create_async(params)  # type: ignore[arg-type]

    assert by_charge.payment_intent == mine.id
    found = await sandbox.refunds.list_async({"payment_intent": mine.id})
    assert [one.id for one in found.data] == [by_charge.id]
    assert (await sandbox.refunds.list_async({"charge": str(other.latest_charge)})).data == []


async def test_a_refund_of_what_is_not_booked_yet_books_it_first(sandbox: Sandbox) -> None:
    """R35 and R56"""
    paid = await sandbox.pay(capture_method="automatic_async", expand=[])

    await sandbox.refunds.create_async({"payment_intent": paid.id})
    await sandbox.flush()

    kinds = await sandbox.event_types()
    assert kinds.count("charge.updated") == 1
    assert kinds.index("charge.updated") < kinds.index("refund.created")


async def test_a_pending_refund_succeeds_later(sandbox: Sandbox) -> None:
    """R63"""
    paid = await sandbox.pay(card="pm_card_pendingRefund")

    refund = await sandbox.refunds.create_async({"payment_intent": paid.id})
    sandbox.clock.advance(seconds=60)
    await sandbox.flush()

    later = await sandbox.refunds.retrieve_async(refund.id)
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    assert (later.status, getattr(later, "pending_reason", None)) == ("succeeded", None)
    assert (await sandbox.event_types())[-1] == "refund.updated"


async def test_a_failing_refund_brings_the_money_back(sandbox: Sandbox) -> None:
    """R64"""
    paid = await sandbox.pay(100_00, card="pm_card_refundFail")

    refund = await sandbox.refunds.create_async({"payment_intent": paid.id, "amount": 30_00})
    before = (await sandbox.books())["currencies"]["eur"]
    sandbox.clock.advance(seconds=60)
    await sandbox.flush()

    later = await sandbox.refunds.retrieve_async(
        refund.id, {"expand": ["failure_balance_transaction", "charge"]}
    )
    after = (await sandbox.books())["currencies"]["eur"]
    assert (refund.status, later.status) == ("succeeded", "failed")
    assert later.failure_reason == "expired_or_canceled_card"
    returned = later.failure_balance_transaction
    assert isinstance(returned, stripe.BalanceTransaction)
    assert (returned.amount, returned.fee, returned.type) == (30_00, 0, "refund_failure")
    assert isinstance(later.charge, stripe.Charge)
    assert later.charge.amount_refunded == 0
    assert (before["refunded"], after["refunded"]) == (30_00, 0)
    assert after["balance"] == before["balance"] + 30_00
    assert "refund.failed" in await sandbox.event_types()


async def test_a_refunds_metadata_can_be_changed(sandbox: Sandbox) -> None:
    """R13 and R65"""
    paid = await sandbox.pay()
    refund = await sandbox.refunds.create_async(
        {"payment_intent": paid.id, "metadata": {"refund": "1", "why": "broken"}}
    )

    changed = await sandbox.refunds.update_async(refund.id, {"metadata": {"why": "", "by": "Ann"}})
    emptied = await sandbox.refunds.update_async(refund.id, {"metadata": ""})

    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"refund": "1", "by": "Ann"}
    assert emptied.metadata is not None
    assert emptied.metadata.to_dict() == {}
    assert (await sandbox.event_types()).count("refund.updated") == 2


@pytest.mark.parametrize(
    "metadata",
    [{"k" * 41: "v"}, {"k": "v" * 501}, {"[k]": "v"}, {f"k{n}": "v" for n in range(51)}],
)
async def test_metadata_has_its_limits(sandbox: Sandbox, metadata: dict[str, str]) -> None:
    """R13"""
    with pytest.raises(stripe.InvalidRequestError):
        await sandbox.pay(metadata=metadata)

    assert await sandbox.event_types() == []
