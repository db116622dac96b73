"""Stripe's test cards: a token gives a card, and its last four digits tell how it behaves."""

from dataclasses import dataclass
from enum import StrEnum

from stripe_sandbox import ids
from stripe_sandbox.call import Call
from stripe_sandbox.errors import missing
from stripe_sandbox.expansion import expanded
from stripe_sandbox.shapes import JsonObject

EXPIRES = (12, 2034)


class RefundCourse(StrEnum):
    SUCCEEDS = "succeeds"
    PENDING_FIRST = "pending_first"
    FAILS_LATER = "fails_later"


@dataclass(frozen=True)
class Decline:
    """Why a card is refused, as Stripe words it to the merchant."""

    code: str
    decline_code: str | None
    message: str


@dataclass(frozen=True)
class Card:
    """`dispute` is the reason its holder will give; `asks_first` makes that an inquiry."""

    last4: str
    brand: str = "visa"
    funding: str = "credit"
    decline: Decline | None = None
    authenticates: bool = False
    refunds: RefundCourse = RefundCourse.SUCCEEDS
    dispute: str | None = None
    asks_first: bool = False
    bypasses_pending: bool = False


def _declined(decline_code: str, because: str = "Your card was declined.") -> Decline:
    return Decline("card_declined", decline_code, because)


GENERIC = _declined("generic_decline")
INSUFFICIENT = _declined("insufficient_funds", "Your card has insufficient funds.")
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.")
INCORRECT_CVC = Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.")
PROCESSING_ERROR = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
)
VELOCITY = _declined(
    "card_velocity_exceeded", "Your card was declined for making repeated attempts too frequently."
)

CARDS = {
    "pm_card_visa": Card("4242"),
    "pm_card_visa_debit": Card("5556", funding="debit"),
    "pm_card_mastercard": Card("4444", brand="mastercard"),
    "pm_card_amex": Card("8431", brand="amex"),
    "pm_card_chargeDeclined": Card("0002", decline=GENERIC),
    "pm_card_visa_chargeDeclined": Card("0002", decline=GENERIC),
    "pm_card_chargeDeclinedInsufficientFunds": Card("9995", decline=INSUFFICIENT),
    "pm_card_visa_chargeDeclinedInsufficientFunds": Card("9995", decline=INSUFFICIENT),
    "pm_card_visa_chargeDeclinedLostCard": Card("9987", decline=_declined("lost_card")),
    "pm_card_visa_chargeDeclinedStolenCard": Card("9979", decline=_declined("stolen_card")),
    "pm_card_chargeDeclinedExpiredCard": Card("0069", decline=EXPIRED),
    "pm_card_chargeDeclinedIncorrectCvc": Card("0127", decline=INCORRECT_CVC),
    "pm_card_chargeDeclinedProcessingError": Card("0119", decline=PROCESSING_ERROR),
    "pm_card_visa_chargeDeclinedVelocityLimitExceeded": Card("6975", decline=VELOCITY),
    "pm_card_threeDSecure2Required": Card("3220", authenticates=True),
    "pm_card_authenticationRequired": Card("3184", authenticates=True),
    "pm_card_bypassPending": Card("0077", bypasses_pending=True),
    "pm_card_pendingRefund": Card("7726", refunds=RefundCourse.PENDING_FIRST),
    "pm_card_refundFail": Card("5126", refunds=RefundCourse.FAILS_LATER),
    "pm_card_createDispute": Card("0259", dispute="fraudulent"),
    "pm_card_createDisputeProductNotReceived": Card("2685", dispute="product_not_received"),
    "pm_card_createDisputeInquiry": Card("1976", dispute="fraudulent", asks_first=True),
}
BY_LAST4 = {card.last4: card for card in CARDS.values()}


def card_of(method_or_details: JsonObject) -> Card:
    """The test card behind a payment method, or behind a charge's payment method details."""
    return BY_LAST4[method_or_details["card"]["last4"]]


def resolve(call: Call, token_or_id: str) -> JsonObject:
    """The payment method an id names; a test token makes a new one, as at Stripe."""
    card = CARDS.get(token_or_id)
    if card is not None:
        return call.add(_payment_method(call, card))
    found = call.store.find(call.account, "payment_method", token_or_id)
    if found is None:
        raise missing("PaymentMethod", token_or_id, param="payment_method", status=400)
    return found


def retrieve(call: Call) -> JsonObject:
    return expanded(call, call.get("payment_method", call.path["payment_method"]))


def billing_details() -> JsonObject:
    fields = ("city", "country", "line1", "line2", "postal_code", "state")
    address = dict.fromkeys(fields)
    return {"address": address, "email": None, "name": None, "phone": None, "tax_id": None}


def _payment_method(call: Call, card: Card) -> JsonObject:
    month, year = EXPIRES
    return {
        "id": ids.new("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": billing_details(),
        "card": {
            "brand": card.brand,
            "checks": _checks(),
            "country": "US",
            "display_brand": card.brand,
            "exp_month": month,
            "exp_year": year,
            "fingerprint": f"SandboxCard{card.last4}",
            "funding": card.funding,
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": call.now,
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }


def charged_details(method: JsonObject, amount: int, *, authenticated: bool) -> JsonObject:
    """What a charge remembers of the card it was made with."""
    card = method["card"]
    kept = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
    three_d_secure = {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "result": "authenticated",
        "result_reason": None,
        "version": "2.2.0",
    }
    return {
        "card": {name: card[name] for name in kept}
        | {
            "amount_authorized": amount,
            "authorization_code": None,
            "checks": _checks(),
            "installments": None,
            "mandate": None,
            "network": card["brand"],
            "network_token": None,
            "regulated_status": "unregulated",
            "three_d_secure": three_d_secure if authenticated else None,
            "wallet": None,
        },
        "type": "card",
    }


def _checks() -> JsonObject:
    names = ("address_line1_check", "address_postal_code_check", "cvc_check")
    return dict.fromkeys(names)
