"""PaymentIntents: created, changed, confirmed, captured, cancelled."""

from stripe_sandbox import cards, charges, confirming, currencies, events, ids, listing
from stripe_sandbox.call import Call
from stripe_sandbox.errors import invalid_request, unexpected_state
from stripe_sandbox.expansion import expanded
from stripe_sandbox.metadata import merged
from stripe_sandbox.shapes import JsonObject

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = (*OPEN, "requires_capture", "processing")
CARD_OPTIONS = {
    "installments": None,
    "mandate_options": None,
    "network": None,
    "request_three_d_secure": "automatic",
}
PLAIN = (
    "description",
    "receipt_email",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)


def create(call: Call) -> JsonObject:
    """A new intent; with `confirm` it is confirmed at once."""
    asked = call.params
    currencies.check_amount(asked["amount"], asked["currency"])
    confirm = asked.get("confirm", False)
    if not confirm:
        for name in ("return_url", "error_on_requires_action"):
            if name in asked:
                raise invalid_request(
                    f"The parameter `{name}` cannot be passed when creating a PaymentIntent "
                    "unless `confirm` is set to true.",
                    param=name,
                )
    method = asked.get("payment_method")
    if method is not None:
        method = cards.resolve(call, method)["id"]
    intent = call.add(_new(call, method))
    events.record(call, "payment_intent.created", intent)
    if confirm:
        # The token has become a payment method already: confirm with that one.
        again = {name: value for name, value in asked.items() if name != "payment_method"}
        intent = confirming.confirm(_with(call, again), intent)
    return expanded(call, intent)


def _with(call: Call, params: JsonObject) -> Call:
    return Call(
        store=call.store,
        config=call.config,
        account=call.account,
        now=call.now,
        params=params,
        request_id=call.request_id,
        idempotency_key=call.idempotency_key,
    )


def _new(call: Call, method: str | None) -> JsonObject:
    asked = call.params
    id_ = ids.new("pi")
    return {name: asked.get(name) for name in PLAIN} | {
        "id": id_,
        "object": "payment_intent",
        "allowed_payment_method_types": asked.get("allowed_payment_method_types"),
        "amount": asked["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": _automatic_payment_methods(asked),
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": asked.get("capture_method", "automatic_async"),
        "client_secret": f"{id_}_secret_{ids.new('', 25)[1:]}",
        "confirmation_method": "automatic",
        "created": call.now,
        "currency": asked["currency"],
        "customer": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": merged({}, asked.get("metadata")),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": method,
        "payment_method_options": {"card": CARD_OPTIONS},
        "payment_method_types": ["card"],
        "processing": None,
        "review": None,
        "setup_future_usage": None,
        "status": "requires_payment_method" if method is None else "requires_confirmation",
        "transfer_data": None,
    }


def _automatic_payment_methods(asked: JsonObject) -> JsonObject | None:
    """The account's own choice of methods, unless the request names the types."""
    types = asked.get("allowed_payment_method_types", asked.get("payment_method_types"))
    automatic = asked.get("automatic_payment_methods")
    if types is not None and types != ["card"]:
        raise invalid_request(
            f"The payment method type provided: {', '.join(types)} is invalid. Only card is "
            "activated for this account.",
            param="allowed_payment_method_types",
        )
    if types is not None and automatic is not None and automatic["enabled"]:
        raise invalid_request(
            "You may only specify one of these parameters: automatic_payment_methods, "
            "allowed_payment_method_types."
        )
    if types is not None or (automatic is not None and not automatic["enabled"]):
        return None
    return {"allow_redirects": "always", "enabled": True} | (automatic or {})


def update(call: Call) -> JsonObject:
    """Change what may still change; the amount and the card only before the money moves."""
    intent = call.get("payment_intent", call.path["intent"])
    asked = call.params
    if "amount" in asked:
        if intent["status"] not in OPEN:
            raise unexpected_state(
                "This PaymentIntent's amount could not be updated because it has a status of "
                f"{intent['status']}. You may only update the amount of a PaymentIntent with one "
                f"of the following statuses: {', '.join(OPEN)}.",
                intent,
                param="amount",
            )
        currencies.check_amount(asked["amount"], intent["currency"])
    changed = intent | {name: asked[name] or None for name in PLAIN if name in asked}
    changed |= {name: asked[name] for name in ("amount",) if name in asked}
    changed["metadata"] = merged(intent["metadata"], asked.get("metadata"))
    if "payment_method" in asked:
        if intent["status"] not in OPEN:
            raise unexpected_state(
                "This PaymentIntent's payment_method could not be updated because it has a status "
                f"of {intent['status']}.",
                intent,
                param="payment_method",
            )
        changed["payment_method"] = cards.resolve(call, asked["payment_method"])["id"]
        changed |= {"status": "requires_confirmation", "next_action": None}
    return expanded(call, call.save(changed))


def confirm(call: Call) -> JsonObject:
    intent = call.get("payment_intent", call.path["intent"])
    return expanded(call, confirming.confirm(call, intent))


def capture(call: Call) -> JsonObject:
    """Take the authorised money, or part of it; what is not taken is released."""
    intent = call.get("payment_intent", call.path["intent"])
    if intent["status"] == "succeeded" and intent["capture_method"] == "manual":
        raise unexpected_state(
            "The remaining amount on this PaymentIntent could not be captured because the "
            "remainder of the authorized amount has been released.",
            intent,
        )
    if intent["status"] != "requires_capture":
        raise unexpected_state(
            f"This PaymentIntent could not be captured because it has a status of "
            f"{intent['status']}. Only a PaymentIntent with one of the following statuses may be "
            "captured: requires_capture.",
            intent,
        )
    capturable: int = intent["amount_capturable"]
    amount: int = call.params.get("amount_to_capture", capturable)
    if amount < 1:
        raise currencies.too_low("amount_to_capture")
    if amount > capturable:
        raise invalid_request(
            "The payment could not be captured because the requested capture amount is greater "
            "than the amount you can capture for this charge.",
            code="amount_too_large",
            details={"payment_intent": intent},
        )
    charges.capture(call, call.get("charge", intent["latest_charge"]), amount)
    taken = intent | {"status": "succeeded", "amount_capturable": 0, "amount_received": amount}
    taken["metadata"] = merged(intent["metadata"], call.params.get("metadata"))
    events.record(call, "payment_intent.succeeded", call.save(taken))
    return expanded(call, taken)


def cancel(call: Call) -> JsonObject:
    """Give up an intent that has not taken money; an authorisation is released."""
    intent = call.get("payment_intent", call.path["intent"])
    if intent["status"] not in CANCELABLE:
        raise unexpected_state(
            "You cannot cancel this PaymentIntent because it has a status of "
            f"{intent['status']}. Only a PaymentIntent with one of the following statuses may be "
            f"canceled: {', '.join(CANCELABLE)}.",
            intent,
        )
    return expanded(call, _canceled(call, intent, call.params.get("cancellation_reason")))


def _canceled(call: Call, intent: JsonObject, reason: str | None) -> JsonObject:
    canceled = intent | {
        "status": "canceled",
        "amount_capturable": 0,
        "canceled_at": call.now,
        "cancellation_reason": reason,
        "next_action": None,
    }
    events.record(call, "payment_intent.canceled", call.save(canceled))
    return canceled


def expire(call: Call, intent_id: str) -> None:
    """An authorisation nobody captured in time is released by itself."""
    intent = call.get("payment_intent", intent_id)
    if intent["status"] == "requires_capture":
        events.record(call, "charge.expired", call.get("charge", intent["latest_charge"]))
        _canceled(call, intent, "automatic")


def retrieve(call: Call) -> JsonObject:
    return expanded(call, call.get("payment_intent", call.path["intent"]))


def list_all(call: Call) -> JsonObject:
    return listing.page(call, "payment_intent", "/v1/payment_intents", ())
