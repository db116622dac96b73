"""Disputes nobody answers, questions that are no disputes yet, and refunds beside them."""

from datetime import UTC, datetime

import pytest
import stripe

from tests.stripe_sandbox.disputing import WITHDRAWN, answered, disputed, moved
from tests.stripe_sandbox.running import OVER_HTTP, Sandbox

pytestmark = OVER_HTTP


async def test_no_answer_in_time_loses(sandbox: Sandbox) -> None:
    """R148"""
    dispute = await disputed(sandbox)
    disputes = sandbox.client.v1.disputes
    sandbox.clock.now = datetime(2026, 3, 10, 23, 59, 59, tzinfo=UTC)
    await sandbox.do_what_is_due()
    in_time = await disputes.retrieve_async(dispute.id)
    sandbox.clock.advance(seconds=1)
    await sandbox.do_what_is_due()
    late = await disputes.retrieve_async(dispute.id)

    assert (in_time.status, late.status) == ("needs_response", "lost")
    assert late.evidence_details.past_due


async def test_evidence_under_review_outlives_the_deadline(sandbox: Sandbox) -> None:
    """R148"""
    dispute = await answered(sandbox, await disputed(sandbox), "She signed for it.")
    sandbox.clock.advance(days=30)
    await sandbox.do_what_is_due()

    assert (await sandbox.client.v1.disputes.retrieve_async(dispute.id)).status == "under_review"


async def test_an_inquiry_takes_no_money_and_ends_by_itself(sandbox: Sandbox) -> None:
    """R149"""
    inquiry = await disputed(sandbox, "pm_card_createDisputeInquiry")
    books = (await sandbox.books())["currencies"]["eur"]
    sandbox.clock.advance(days=120)
    await sandbox.do_what_is_due()
    ended = await sandbox.client.v1.disputes.retrieve_async(inquiry.id)

    assert (inquiry.status, inquiry.balance_transactions) == ("warning_needs_response", [])
    assert (books["disputes"], books["disputed"]) == (1, 0)
    assert ended.status == "warning_closed"
    assert "charge.dispute.funds_withdrawn" not in await sandbox.event_types()


async def test_an_answered_inquiry_can_still_become_a_chargeback(sandbox: Sandbox) -> None:
    """R149"""
    inquiry = await disputed(sandbox, "pm_card_createDisputeInquiry")
    escalated = await answered(sandbox, inquiry, "escalate_inquiry_evidence")
    lost = await answered(sandbox, escalated, "losing_evidence")

    assert (escalated.status, moved(escalated)) == ("needs_response", [WITHDRAWN])
    assert escalated.payment_method_details is not None
    assert escalated.payment_method_details.card is not None
    assert escalated.payment_method_details.card.case_type == "chargeback"
    assert lost.status == "lost"


@pytest.mark.parametrize("text", ["winning_evidence", "losing_evidence"])
async def test_an_answered_inquiry_is_closed_either_way(sandbox: Sandbox, text: str) -> None:
    """R149"""
    inquiry = await disputed(sandbox, "pm_card_createDisputeInquiry")
    closed = await answered(sandbox, inquiry, text)

    assert (closed.status, closed.balance_transactions) == ("warning_closed", [])


async def test_a_charged_back_payment_cannot_be_refunded(sandbox: Sandbox) -> None:
    """R150"""
    dispute = await disputed(sandbox)
    assert isinstance(dispute.payment_intent, str)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sandbox.refunds.create_async({"payment_intent": dispute.payment_intent})
    await sandbox.door(f"disputes/{dispute.id}/win")
    refund = await sandbox.refunds.create_async({"payment_intent": dispute.payment_intent})

    assert refused.value.code == "charge_disputed"
    assert refund.amount == 100_00


async def test_a_payment_somebody_asks_about_can_be_refunded(sandbox: Sandbox) -> None:
    """R150"""
    inquiry = await disputed(sandbox, "pm_card_createDisputeInquiry")
    assert isinstance(inquiry.payment_intent, str)
    refund = await sandbox.refunds.create_async({"payment_intent": inquiry.payment_intent})

    assert inquiry.is_charge_refundable
    assert refund.status == "succeeded"
