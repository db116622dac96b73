"""Charges: one per attempt to take the money of a PaymentIntent."""

from stripe_sandbox import balance, cards, deferred, events, faults, ids, listing
from stripe_sandbox.call import Call
from stripe_sandbox.cards import Decline
from stripe_sandbox.deferred import Work
from stripe_sandbox.expansion import expanded
from stripe_sandbox.shapes import JsonObject

SHARED = (
    "amount",
    "currency",
    "description",
    "metadata",
    "receipt_email",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)


# What a charge of a platform without connected accounts leaves open.
OPEN = (
    "application",
    "application_fee",
    "application_fee_amount",
    "customer",
    "failure_balance_transaction",
    "on_behalf_of",
    "receipt_number",
    "receipt_url",
    "review",
    "source_transfer",
    "transfer_data",
)


def attempt(
    call: Call,
    intent: JsonObject,
    method: JsonObject,
    *,
    decline: Decline | None,
    captured: bool,
    authenticated: bool,
) -> JsonObject:
    """Charge the card, or be declined: either way a charge is there afterwards."""
    amount = intent["amount"]
    paid = decline is None
    charge: JsonObject = dict.fromkeys(OPEN) | {name: intent[name] for name in SHARED}
    charge |= {
        "id": ids.new("ch"),
        "object": "charge",
        "amount_captured": amount if paid and captured else 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "SANDBOX",
        "captured": paid and captured,
        "created": call.now,
        "disputed": False,
        "failure_code": None if decline is None else decline.code,
        "failure_message": None if decline is None else decline.message,
        "fraud_details": {},
        "livemode": False,
        "outcome": _outcome(decline),
        "paid": paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": cards.charged_details(
            method, amount, authenticated=authenticated
        ),
        "radar_options": {},
        "refunded": False,
        "status": "succeeded" if paid else "failed",
    }
    return call.add(charge)


def _outcome(decline: Decline | None) -> JsonObject:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network" if decline is None else "declined_by_network",
        "reason": None if decline is None else decline.decline_code,
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": "Payment complete." if decline is None else decline.message,
        "type": "authorized" if decline is None else "issuer_declined",
    }


def settle(call: Call, charge: JsonObject, *, at_once: bool) -> JsonObject:
    """Book what was captured now, or later: asynchronous capture takes its time, or a fault."""
    late = faults.lateness(call.store, "charge")
    if at_once and late is None:
        return _settled(call, charge)
    after = (late or 0) + (0 if at_once else call.config.settles_after)
    deferred.schedule(call, Work.SETTLE_CHARGE, charge["id"], after=after)
    return charge


def _settled(call: Call, charge: JsonObject) -> JsonObject:
    amount, currency = charge["amount_captured"], charge["currency"]
    is_at_once = cards.card_of(charge["payment_method_details"]).bypasses_pending
    transaction = balance.move(
        call,
        kind="charge",
        amount=amount,
        fee=call.config.fee_for(currency).of(amount, currency),
        source=charge,
        description=charge["description"],
        available_on=call.now if is_at_once else None,
    )
    return call.save(charge | {"balance_transaction": transaction["id"]})


def settle_later(call: Call, charge_id: str) -> None:
    """Asynchronous capture: the balance transaction arrives with charge.updated."""
    charge = call.get("charge", charge_id)
    if charge["balance_transaction"] is None:
        events.record(call, "charge.updated", _settled(call, charge), before=charge)


def capture(call: Call, charge: JsonObject, amount: int) -> JsonObject:
    """Take that much of what was authorised; the rest is released."""
    captured = call.save(charge | {"captured": True, "amount_captured": amount})
    captured = settle(call, captured, at_once=True)
    expect_dispute(call, captured)
    events.record(call, "charge.captured", captured)
    return captured


def expect_dispute(call: Call, charge: JsonObject) -> None:
    """Some test cards' holders object once the money is taken."""
    if cards.card_of(charge["payment_method_details"]).dispute is not None:
        after = call.config.disputes_open_after
        deferred.schedule(call, Work.OPEN_DISPUTE, charge["id"], after=after)


def retrieve(call: Call) -> JsonObject:
    return expanded(call, call.get("charge", call.path["charge"]))


def list_all(call: Call) -> JsonObject:
    return listing.page(call, "charge", "/v1/charges", ("payment_intent", "transfer_group"))
