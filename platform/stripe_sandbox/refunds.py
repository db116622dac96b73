"""Refunds: money given back from a captured charge, in whole or in parts."""

from stripe_sandbox import (
    balance,
    cards,
    charges,
    currencies,
    deferred,
    events,
    faults,
    ids,
    listing,
)
from stripe_sandbox.call import Call
from stripe_sandbox.cards import RefundCourse
from stripe_sandbox.deferred import Work
from stripe_sandbox.errors import StripeError, invalid_request
from stripe_sandbox.expansion import expanded
from stripe_sandbox.metadata import merged
from stripe_sandbox.shapes import JsonObject


def create(call: Call) -> JsonObject:
    """Give back what is asked, or all that is left; never more than was captured."""
    charge = _refundable_charge(call)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left <= 0:
        raise invalid_request(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    amount = call.params.get("amount", left)
    currency = charge["currency"]
    if amount < 1:
        raise currencies.too_low()
    if amount > left:
        raise invalid_request(
            f"Refund amount ({currencies.money(amount, currency)}) is greater than unrefunded "
            f"amount on charge ({currencies.money(left, currency)})",
            param="amount",
        )
    if charge["balance_transaction"] is None:
        charges.settle_later(call, charge["id"])
        charge = call.get("charge", charge["id"])
    course = cards.card_of(charge["payment_method_details"]).refunds
    refund = _new(call, charge, amount, pending=course is RefundCourse.PENDING_FIRST)
    late = faults.lateness(call.store, "refund")
    if late is None:
        refund = call.add(_settled(call, refund, charge))
    else:
        refund = call.add(refund)
        deferred.schedule(call, Work.SETTLE_REFUND, refund["id"], after=late)
    _schedule(call, refund, course)
    events.record(call, "refund.created", refund)
    _count(call, charge, amount)
    return expanded(call, refund)


def _settled(call: Call, refund: JsonObject, charge: JsonObject) -> JsonObject:
    """The refund with its balance transaction."""
    transaction = balance.move(
        call,
        kind="refund",
        amount=-refund["amount"],
        fee=0,
        source=refund,
        description=f"REFUND FOR CHARGE ({charge['description'] or charge['id']})"[:500],
    )
    return refund | {"balance_transaction": transaction["id"]}


def settle_later(call: Call, refund_id: str) -> None:
    """The balance transaction that was held back."""
    refund = call.get("refund", refund_id)
    if refund["balance_transaction"] is None:
        settled = call.save(_settled(call, refund, call.get("charge", refund["charge"])))
        events.record(call, "refund.updated", settled, before=refund)


def _refundable_charge(call: Call) -> JsonObject:
    asked = call.params
    if "charge" in asked:
        charge = call.get("charge", asked["charge"], param="charge", status=400)
        if asked.get("payment_intent", charge["payment_intent"]) != charge["payment_intent"]:
            raise invalid_request(
                f"Charge {charge['id']} does not belong to PaymentIntent "
                f"{asked['payment_intent']}.",
                param="payment_intent",
            )
    elif "payment_intent" in asked:
        id_ = asked["payment_intent"]
        intent = call.get("payment_intent", id_, param="payment_intent", status=400)
        if intent["latest_charge"] is None:
            raise _nothing_to_refund(intent["id"])
        charge = call.get("charge", intent["latest_charge"])
    else:
        raise invalid_request(
            "One of the following params should be provided for this request: payment_intent or "
            "charge."
        )
    if charge["status"] == "failed":
        raise _nothing_to_refund(charge["payment_intent"])
    if not charge["captured"]:
        raise invalid_request(
            f"This uncaptured Charge was created by a PaymentIntent ({charge['payment_intent']}). "
            "You must cancel the PaymentIntent to reverse the authorization instead of refunding "
            "the Charge directly. For more information, see "
            "https://stripe.com/docs/payments/place-a-hold-on-a-payment-method"
        )
    disputes = call.store.where(call.account, "dispute", {"charge": charge["id"]})
    if not all(dispute["is_charge_refundable"] for dispute in disputes):
        raise invalid_request(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    return charge


def _nothing_to_refund(intent_id: str) -> StripeError:
    return invalid_request(
        f"This PaymentIntent ({intent_id}) does not have a successful charge to refund."
    )


def _new(call: Call, charge: JsonObject, amount: int, *, pending: bool) -> JsonObject:
    refund: JsonObject = {
        "id": ids.new("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "destination_details": {
            "card": {"reference_status": "pending", "type": "refund"},
            "type": "card",
        },
        "metadata": merged({}, call.params.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "reason": call.params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if pending else "succeeded",
        "transfer_reversal": None,
    }
    return refund | ({"pending_reason": "processing"} if pending else {})


def _schedule(call: Call, refund: JsonObject, course: RefundCourse) -> None:
    works = {
        RefundCourse.PENDING_FIRST: Work.COMPLETE_REFUND,
        RefundCourse.FAILS_LATER: Work.FAIL_REFUND,
    }
    if course in works:
        after = call.config.refunds_turn_after
        deferred.schedule(call, works[course], refund["id"], after=after)


def _count(call: Call, charge: JsonObject, amount: int) -> None:
    """Add to what the charge has given back; a failed refund takes it off again."""
    refunded = charge["amount_refunded"] + amount
    changed = charge | {
        "amount_refunded": refunded,
        "refunded": refunded == charge["amount_captured"],
    }
    kind = "charge.refunded" if amount > 0 else "charge.updated"
    events.record(call, kind, call.save(changed), before=charge)


def complete(call: Call, refund_id: str) -> None:
    refund = call.get("refund", refund_id)
    completed = {name: value for name, value in refund.items() if name != "pending_reason"}
    completed["status"] = "succeeded"
    events.record(call, "refund.updated", call.save(completed), before=refund)


def fail(call: Call, refund_id: str) -> None:
    """The customer's bank sent it back: the money returns to the balance."""
    settle_later(call, refund_id)
    refund = call.get("refund", refund_id)
    transaction = balance.move(
        call,
        kind="refund_failure",
        amount=refund["amount"],
        fee=0,
        source=refund,
        description=f"REFUND FAILURE ({refund['id']})",
    )
    failed = refund | {
        "status": "failed",
        "failure_reason": "expired_or_canceled_card",
        "failure_balance_transaction": transaction["id"],
    }
    events.record(call, "refund.updated", call.save(failed), before=refund)
    events.record(call, "refund.failed", failed)
    _count(call, call.get("charge", refund["charge"]), -refund["amount"])


def update(call: Call) -> JsonObject:
    refund = call.get("refund", call.path["refund"])
    changed = refund | {"metadata": merged(refund["metadata"], call.params.get("metadata"))}
    if changed != refund:
        events.record(call, "refund.updated", call.save(changed), before=refund)
    return expanded(call, changed)


def retrieve(call: Call) -> JsonObject:
    return expanded(call, call.get("refund", call.path["refund"]))


def list_all(call: Call) -> JsonObject:
    return listing.page(call, "refund", "/v1/refunds", ("charge", "payment_intent"))
