"""Confirm a PaymentIntent: charge the card, be declined, or ask for authentication first."""

from stripe_sandbox import cards, charges, deferred, events, faults
from stripe_sandbox.call import Call
from stripe_sandbox.cards import GENERIC, Decline
from stripe_sandbox.deferred import Work
from stripe_sandbox.errors import StripeError, invalid_request, unexpected_state
from stripe_sandbox.faults import FaultKind
from stripe_sandbox.shapes import JsonObject

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
UNAUTHENTICATED = (
    "We are unable to authenticate your payment method. "
    "Please choose a different payment method and try again."
)


def confirm(call: Call, intent: JsonObject) -> JsonObject:
    """Go as far as the card lets us; raises card_error, with the attempt kept, if declined."""
    if intent["status"] not in CONFIRMABLE:
        raise _unconfirmable(intent)
    method_id = call.params.get("payment_method") or intent["payment_method"]
    if method_id is None:
        raise unexpected_state(
            "You cannot confirm this PaymentIntent because it's missing a payment method. Update "
            "the PaymentIntent with a payment method and then confirm it again.",
            intent,
        )
    return_url = call.params.get("return_url")
    _require_return_url(intent, return_url)
    method = cards.resolve(call, method_id)
    intent = intent | {"payment_method": method["id"], "last_payment_error": None}
    if not cards.card_of(method).authenticates:
        return charge_card(call, intent, method)
    if call.params.get("error_on_requires_action") or call.params.get("off_session"):
        return _decline(call, intent, method, _authentication_required(), charge=None)
    return _ask_to_authenticate(call, intent, return_url)


def _unconfirmable(intent: JsonObject) -> StripeError:
    if intent["status"] == "succeeded":
        return unexpected_state(
            "You cannot confirm this PaymentIntent because it has already succeeded after being "
            "previously confirmed.",
            intent,
        )
    return unexpected_state(
        "This PaymentIntent could not be confirmed because it has a status of "
        f"{intent['status']}. Only a PaymentIntent with one of the following statuses may be "
        f"confirmed: {', '.join(CONFIRMABLE)}.",
        intent,
    )


def _require_return_url(intent: JsonObject, return_url: str | None) -> None:
    automatic = intent["automatic_payment_methods"]
    if automatic and automatic["allow_redirects"] == "always" and return_url is None:
        raise invalid_request(
            "This PaymentIntent is configured to accept payment methods enabled in your "
            "Dashboard. Because some of these payment methods might redirect your customer off "
            "of your page, you must provide a `return_url`. If you don't want to accept "
            "redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` "
            "and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup "
            "Intents and Payment Intents.",
            param="return_url",
        )


def _ask_to_authenticate(call: Call, intent: JsonObject, return_url: str | None) -> JsonObject:
    url = f"{call.config.public_url.rstrip('/')}/_sandbox/authenticate/{intent['id']}"
    waiting = intent | {
        "status": "requires_action",
        "next_action": {
            "type": "redirect_to_url",
            "redirect_to_url": {"return_url": return_url, "url": url},
        },
    }
    events.record(call, "payment_intent.requires_action", call.save(waiting))
    return waiting


def charge_card(
    call: Call, intent: JsonObject, method: JsonObject, *, authenticated: bool = False
) -> JsonObject:
    fault = faults.take(call.store, (FaultKind.DECLINE_NEXT,), "payment_intent")
    decline = GENERIC if fault else cards.card_of(method).decline
    manual = intent["capture_method"] == "manual"
    charge = charges.attempt(
        call,
        intent,
        method,
        decline=decline,
        captured=not manual,
        authenticated=authenticated,
    )
    if decline is not None:
        events.record(call, "charge.failed", charge)
        return _decline(call, intent, method, decline, charge=charge["id"])
    intent = intent | {"latest_charge": charge["id"], "next_action": None}
    if manual:
        return _authorised(call, intent, charge)
    charge = charges.settle(call, charge, at_once=intent["capture_method"] == "automatic")
    charges.expect_dispute(call, charge)
    events.record(call, "charge.succeeded", charge)
    paid = call.save(intent | {"status": "succeeded", "amount_received": intent["amount"]})
    events.record(call, "payment_intent.succeeded", paid)
    return paid


def _authorised(call: Call, intent: JsonObject, charge: JsonObject) -> JsonObject:
    events.record(call, "charge.succeeded", charge)
    held = intent | {"status": "requires_capture", "amount_capturable": intent["amount"]}
    events.record(call, "payment_intent.amount_capturable_updated", call.save(held))
    lasts = call.config.authorization_lasts
    deferred.schedule(call, Work.EXPIRE_AUTHORIZATION, intent["id"], after=lasts)
    return held


def _authentication_required() -> Decline:
    return Decline(
        "authentication_required",
        "authentication_required",
        "Your card was declined. This transaction requires authentication.",
    )


def _decline(
    call: Call, intent: JsonObject, method: JsonObject, decline: Decline, *, charge: str | None
) -> JsonObject:
    """Back to requires_payment_method, saying why; always raises, and what was done stays."""
    error = StripeError(402, "card_error", decline.message, code=decline.code, keeps_work=True)
    if decline.decline_code is not None:
        error.details["decline_code"] = decline.decline_code
    if charge is not None:
        error.details["charge"] = charge
    failed = fail(call, intent, method, error.body()["error"], charge=charge)
    error.details |= {"payment_intent": failed, "payment_method": method}
    raise error


def fail(
    call: Call, intent: JsonObject, method: JsonObject, error: JsonObject, *, charge: str | None
) -> JsonObject:
    failed = intent | {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "latest_charge": charge or intent["latest_charge"],
        "last_payment_error": error | {"payment_method": method},
    }
    events.record(call, "payment_intent.payment_failed", call.save(failed))
    return failed


def authentication_failed(call: Call, intent: JsonObject) -> JsonObject:
    """The cardholder did not pass: no charge was ever made."""
    method = call.get("payment_method", intent["payment_method"])
    error = StripeError(
        402,
        "invalid_request_error",
        UNAUTHENTICATED,
        code="payment_intent_authentication_failure",
    )
    return fail(call, intent, method, error.body()["error"], charge=None)
