"""Disputes as they go: opened, escalated, decided, or left unanswered."""

from stripe_sandbox import balance, cards, charges, currencies, deferred, events, ids
from stripe_sandbox.call import Call
from stripe_sandbox.deferred import Work
from stripe_sandbox.errors import StripeError, invalid_request
from stripe_sandbox.shapes import JsonObject

DAY = 86_400
DAYS_TO_ANSWER = 9
DAYS_OF_AN_INQUIRY = 120

WAITING = ("needs_response", "warning_needs_response")
REVIEWED = {"needs_response": "under_review", "warning_needs_response": "warning_under_review"}
INQUIRIES = ("warning_needs_response", "warning_under_review")
OPEN = (*WAITING, *REVIEWED.values())
# The networks' own codes for a reason, as a Visa card shows them.
NETWORK_CODES = {
    "fraudulent": "10.4",
    "credit_not_processed": "13.6",
    "duplicate": "12.6",
    "general": "13.1",
    "product_not_received": "13.1",
    "product_unacceptable": "13.3",
    "subscription_canceled": "13.2",
    "unrecognized": "10.4",
}
REASONS = tuple(NETWORK_CODES)
FILES = (
    "cancellation_policy", "customer_communication", "customer_signature",
    "duplicate_charge_documentation", "receipt", "refund_policy", "service_documentation",
    "shipping_documentation", "uncategorized_file",
)  # fmt: skip
WORDS = (
    "access_activity_log", "billing_address", "cancellation_policy_disclosure",
    "cancellation_rebuttal", "customer_email_address", "customer_name", "customer_purchase_ip",
    "duplicate_charge_explanation", "duplicate_charge_id", "product_description",
    "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "shipping_address",
    "shipping_carrier", "shipping_date", "shipping_tracking_number", "uncategorized_text",
)  # fmt: skip


def open_by_card(call: Call, charge_id: str) -> None:
    """The test card's dispute, once the charge stands."""
    charge = call.get("charge", charge_id)
    card = cards.card_of(charge["payment_method_details"])
    assert card.dispute is not None
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left and not charge["disputed"]:
        open_(call, charge, left, reason=card.dispute, inquiry=card.asks_first)


def open_(
    call: Call, charge: JsonObject, amount: int, *, reason: str, inquiry: bool = False
) -> JsonObject:
    """The cardholder's bank objects; unless it only asks, the money and a fee leave at once."""
    if charge["balance_transaction"] is None:
        charges.settle_later(call, charge["id"])
        charge = call.get("charge", charge["id"])
    dispute = call.add(_new(call, charge, amount, reason=reason, inquiry=inquiry))
    call.save(charge | {"disputed": True})
    if not inquiry:
        dispute = _withdrawn(call, dispute)
    events.record(call, "charge.dispute.created", dispute)
    if not inquiry:
        events.record(call, "charge.dispute.funds_withdrawn", dispute)
    until_due = dispute["evidence_details"]["due_by"] - call.now
    lasts = DAYS_OF_AN_INQUIRY * DAY if inquiry else until_due + 1
    deferred.schedule(call, Work.END_DISPUTE, dispute["id"], after=lasts)
    return dispute


def _new(call: Call, charge: JsonObject, amount: int, *, reason: str, inquiry: bool) -> JsonObject:
    card = charge["payment_method_details"]["card"]
    return {
        "id": ids.new("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys((*FILES, *WORDS)) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": (call.now // DAY + DAYS_TO_ANSWER + 1) * DAY - 1,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": card["brand"],
                "case_type": "inquiry" if inquiry else "chargeback",
                "network": card["brand"],
                "network_reason_code": NETWORK_CODES[reason],
            },
            "type": "card",
        },
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }


def _withdrawn(call: Call, dispute: JsonObject) -> JsonObject:
    hundredths = call.config.dispute_fee_hundredths
    transaction = balance.book(
        call,
        kind="adjustment",
        category="dispute",
        amount=-dispute["amount"],
        fee=currencies.from_hundredths(hundredths, dispute["currency"]),
        fee_for="Dispute fee",
        currency=dispute["currency"],
        source=dispute["id"],
        description=f"Chargeback withdrawal for {dispute['charge']}",
        available_on=call.now,
    )
    return call.save(dispute | {"balance_transactions": [transaction]})


def escalate(call: Call, dispute: JsonObject) -> JsonObject:
    """An inquiry becomes a chargeback: now the money leaves."""
    details = dispute["payment_method_details"]
    card = details["card"] | {"case_type": "chargeback"}
    changed = dispute | {
        "status": "needs_response",
        "is_charge_refundable": False,
        "payment_method_details": details | {"card": card},
        "evidence_details": dispute["evidence_details"]
        | {"due_by": (call.now // DAY + DAYS_TO_ANSWER + 1) * DAY - 1, "submission_count": 0},
    }
    changed = _withdrawn(call, changed)
    events.record(call, "charge.dispute.updated", changed, before=dispute)
    events.record(call, "charge.dispute.funds_withdrawn", changed)
    after = changed["evidence_details"]["due_by"] + 1 - call.now
    deferred.schedule(call, Work.END_DISPUTE, dispute["id"], after=after)
    return changed


def win(call: Call, dispute: JsonObject) -> JsonObject:
    """The money comes back, the fee does not; an inquiry just ends."""
    if _open(dispute) in INQUIRIES:
        return _close(call, dispute, "warning_closed")
    return _reinstated(call, dispute)


def reinstate(call: Call, dispute: JsonObject) -> JsonObject:
    """The bank changes its mind: what was lost comes back."""
    if dispute["status"] != "lost":
        raise invalid_request(f"This dispute is not lost: it is {dispute['status']}.")
    return _reinstated(call, dispute)


def _reinstated(call: Call, dispute: JsonObject) -> JsonObject:
    transaction = balance.book(
        call,
        kind="adjustment",
        category="dispute_reversal",
        amount=dispute["amount"],
        fee=0,
        currency=dispute["currency"],
        source=dispute["id"],
        description=f"Chargeback reversal for {dispute['charge']}",
        available_on=call.now,
    )
    both = [*dispute["balance_transactions"], transaction]
    won = dispute | {"balance_transactions": both, "status": "won", "is_charge_refundable": True}
    events.record(call, "charge.dispute.funds_reinstated", call.save(won), before=dispute)
    events.record(call, "charge.dispute.closed", won)
    return won


def lose(call: Call, dispute: JsonObject) -> JsonObject:
    """The money stays with the cardholder; an inquiry just ends."""
    is_inquiry = _open(dispute) in INQUIRIES
    return _close(call, dispute, "warning_closed" if is_inquiry else "lost")


def _close(call: Call, dispute: JsonObject, status: str) -> JsonObject:
    closed = call.save(dispute | {"status": status})
    events.record(call, "charge.dispute.closed", closed, before=dispute)
    return closed


def _open(dispute: JsonObject) -> str:
    status: str = dispute["status"]
    if status not in OPEN:
        raise closed_already(dispute)
    return status


def closed_already(dispute: JsonObject) -> StripeError:
    return invalid_request(f"This dispute is already closed: it is {dispute['status']}.")


def decide(call: Call, dispute_id: str) -> None:
    """What the bank says of the evidence: Stripe's test words tell it what to say."""
    dispute = call.get("dispute", dispute_id)
    if dispute["status"] not in REVIEWED.values():
        return
    match dispute["evidence"]["uncategorized_text"]:
        case "winning_evidence":
            win(call, dispute)
        case "losing_evidence":
            lose(call, dispute)
        case "escalate_inquiry_evidence" if dispute["status"] in INQUIRIES:
            escalate(call, dispute)
        case _:
            pass


def end(call: Call, dispute_id: str) -> None:
    """Nobody answered in time, or the inquiry led to nothing."""
    dispute = call.get("dispute", dispute_id)
    details = dispute["evidence_details"]
    if dispute["status"] == "needs_response" and details["due_by"] < call.now:
        lose(call, dispute | {"evidence_details": details | {"past_due": True}})
    elif dispute["status"] in INQUIRIES:
        lose(call, dispute)
