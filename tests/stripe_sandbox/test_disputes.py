"""Disputes: the money leaves, evidence is given, the money comes back or does not."""

from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from tests.stripe_sandbox.disputing import REINSTATED, WITHDRAWN, answered, disputed, moved
from tests.stripe_sandbox.running import OVER_HTTP, Sandbox, previous

pytestmark = OVER_HTTP


LONG_WORDS = (
    "access_activity_log", "cancellation_policy_disclosure", "cancellation_rebuttal",
    "duplicate_charge_explanation", "product_description", "refund_policy_disclosure",
    "refund_refusal_explanation", "uncategorized_text",
)  # fmt: skip


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        ("pm_card_createDispute", "fraudulent"),
        ("pm_card_createDisputeProductNotReceived", "product_not_received"),
    ],
)
async def test_the_holder_of_a_test_card_disputes_what_was_taken(
    sandbox: Sandbox, card: str, reason: str
) -> None:
    """R140"""
    dispute = await disputed(sandbox, card)
    charge = await sandbox.client.v1.charges.retrieve_async(str(dispute.charge))

    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", reason, 100_00)
    assert charge.disputed
    due = datetime.fromtimestamp(dispute.evidence_details.due_by or 0, UTC)
    assert due == datetime(2026, 3, 10, 23, 59, 59, tzinfo=UTC)
    types = await sandbox.event_types()
    assert types[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]


async def test_nobody_disputes_what_is_only_authorised(sandbox: Sandbox) -> None:
    """R140"""
    held = await sandbox.pay(100_00, "pm_card_createDispute", capture_method="manual", expand=[])
    await sandbox.do_what_is_due()
    before = await sandbox.client.v1.disputes.list_async()
    await sandbox.intents.capture_async(held.id, {"amount_to_capture": 40_00})
    await sandbox.do_what_is_due()
    after = await sandbox.client.v1.disputes.list_async()

    assert before.data == []
    assert [one.amount for one in after.data] == [40_00]


async def test_the_money_leaves_with_a_fee(sandbox: Sandbox) -> None:
    """R141"""
    dispute = await disputed(sandbox)
    transactions = sandbox.client.v1.balance_transactions
    listed = await transactions.list_async({"source": dispute.id, "expand": ["data.source"]})
    books = (await sandbox.books())["currencies"]["eur"]

    assert moved(dispute) == [WITHDRAWN]
    assert [one.id for one in listed.data] == [dispute.balance_transactions[0].id]
    assert isinstance(listed.data[0].source, stripe.Dispute)
    assert listed.data[0].fee_details[0].description == "Dispute fee"
    assert (books["disputed"], books["fees"]) == (100_00, 3_20 + 15_00)
    assert (books["available"], books["pending"]) == (-115_00, 100_00 - 3_20)


async def test_the_fee_is_fifteen_of_the_currencys_own(sandbox: Sandbox) -> None:
    """R141"""
    paid = await sandbox.pay(5000, currency="jpy", expand=[])
    dispute = await sandbox.door("disputes", charge=paid.latest_charge)

    assert dispute["balance_transactions"][0]["fee"] == 15


async def test_disputes_are_found_by_what_they_are_about(sandbox: Sandbox) -> None:
    """R142"""
    first, second = await disputed(sandbox), await disputed(sandbox)
    disputes = sandbox.client.v1.disputes

    async def found(**filters: Any) -> list[str]:
        return [one.id for one in (await disputes.list_async(filters)).data]  # type: ignore[arg-type]

    assert await found() == [second.id, first.id]
    assert await found(charge=first.charge) == [first.id]
    assert await found(payment_intent=second.payment_intent) == [second.id]
    assert await found(created={"gt": second.created}) == []
    expanded = await disputes.retrieve_async(first.id, {"expand": ["charge", "payment_intent"]})
    assert isinstance(expanded.charge, stripe.Charge)
    assert isinstance(expanded.payment_intent, stripe.PaymentIntent)


async def test_evidence_is_kept_until_it_is_submitted(sandbox: Sandbox) -> None:
    """R143"""
    dispute = await disputed(sandbox)
    disputes = sandbox.client.v1.disputes

    staged = await disputes.update_async(
        dispute.id,
        {"evidence": {"customer_name": "Ann"}, "metadata": {"case": "1"}, "submit": False},
    )
    sent = await disputes.update_async(dispute.id, {"submit": True})

    assert (staged.status, staged.evidence_details.submission_count) == ("needs_response", 0)
    assert staged.evidence_details.has_evidence
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    assert sent.evidence.customer_name == "Ann"
    assert sent.metadata.to_dict() == {"case": "1"}
    updated = (await sandbox.events("charge.dispute.updated"))[-1]
    assert previous(updated) == {
        "status": "needs_response",
        "evidence_details": staged.evidence_details.to_dict(),
    }


async def test_winning_evidence_brings_the_money_back_but_not_the_fee(sandbox: Sandbox) -> None:
    """R144"""
    won = await answered(sandbox, await disputed(sandbox), "winning_evidence")
    books = (await sandbox.books())["currencies"]["eur"]

    assert won.status == "won"
    assert moved(won) == [WITHDRAWN, REINSTATED]
    assert (books["disputed"], books["fees"]) == (0, 3_20 + 15_00)
    types = await sandbox.event_types()
    assert types[-2:] == ["charge.dispute.funds_reinstated", "charge.dispute.closed"]


async def test_losing_evidence_loses_the_money(sandbox: Sandbox) -> None:
    """R145"""
    lost = await answered(sandbox, await disputed(sandbox), "losing_evidence")

    assert (lost.status, moved(lost)) == ("lost", [WITHDRAWN])
    assert (await sandbox.event_types())[-1] == "charge.dispute.closed"


async def test_other_evidence_waits_for_somebody_to_decide(sandbox: Sandbox) -> None:
    """R145 and R152"""
    waiting = await answered(sandbox, await disputed(sandbox), "She signed for it.")
    won = await sandbox.door(f"disputes/{waiting.id}/win")

    assert waiting.status == "under_review"
    assert won["status"] == "won"


async def test_a_dispute_can_be_accepted(sandbox: Sandbox) -> None:
    """R146"""
    dispute = await disputed(sandbox)
    closed = await sandbox.client.v1.disputes.close_async(dispute.id)

    assert closed.status == "lost"
    assert (await sandbox.event_types())[-1] == "charge.dispute.closed"


async def test_what_is_closed_stays_closed(sandbox: Sandbox) -> None:
    """R147"""
    dispute = await disputed(sandbox)
    disputes = sandbox.client.v1.disputes
    await disputes.close_async(dispute.id)

    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        await disputes.close_async(dispute.id)
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        await disputes.update_async(dispute.id, {"evidence": {"customer_name": "Ann"}})
    late = await sandbox.http.post(f"/_sandbox/disputes/{dispute.id}/win")
    assert (late.status_code, late.json()["error"]["type"]) == (400, "invalid_request_error")


async def test_a_bank_may_give_back_what_was_lost(sandbox: Sandbox) -> None:
    """R147"""
    dispute = await disputed(sandbox)
    early = await sandbox.http.post(f"/_sandbox/disputes/{dispute.id}/reinstate")
    await sandbox.client.v1.disputes.close_async(dispute.id)

    late = await sandbox.http.post(f"/_sandbox/disputes/{dispute.id}/reinstate")

    assert early.status_code == 400
    assert (late.json()["status"], len(late.json()["balance_transactions"])) == ("won", 2)
    assert (await sandbox.event_types())[-2:] == [
        "charge.dispute.funds_reinstated", "charge.dispute.closed",
    ]  # fmt: skip


async def test_evidence_is_submitted_once(sandbox: Sandbox) -> None:
    """R147"""
    dispute = await disputed(sandbox)
    disputes = sandbox.client.v1.disputes
    await disputes.update_async(dispute.id, {"evidence": {"customer_name": "Ann"}})

    with pytest.raises(stripe.InvalidRequestError, match="already been submitted"):
        await disputes.update_async(dispute.id, {"evidence": {"customer_name": "Bea"}})


@pytest.mark.parametrize(
    "evidence",
    [
        {"receipt": "file_1"},
        {"enhanced_evidence": {"visa_compliance": {"fee_acknowledged": True}}},
        {"uncategorized_text": "a" * 20_000} | {"access_activity_log": "b" * 20_001},
        dict.fromkeys(LONG_WORDS, "a" * 20_000),
    ],
)
async def test_evidence_that_is_refused_leaves_the_dispute_as_it_was(
    sandbox: Sandbox, evidence: Any
) -> None:
    """R147"""
    dispute = await disputed(sandbox)
    disputes = sandbox.client.v1.disputes

    with pytest.raises(stripe.InvalidRequestError):
        await disputes.update_async(dispute.id, {"evidence": evidence})

    assert await disputes.retrieve_async(dispute.id) == dispute
