"""Read a webhook of Stripe's: believe it only when it is signed, and lately."""

import json
import re
from datetime import datetime

import stripe

from marketplace.payments.errors import ForgedWebhook, StaleWebhook, UnreadableWebhook
from marketplace.payments.inbox import ReceivedEvent

TOLERANCE_SECONDS = 300  # Stripe's own
_SIGNED_AT = re.compile(r"(?:^|,)t=(\d+)")
_LONGEST = 80  # characters of an id or a type, as our columns have them


def read_event(*, body: bytes, signature: str | None, secret: str, now: datetime) -> ReceivedEvent:
    """The event in a raw body; refuses ForgedWebhook, StaleWebhook and UnreadableWebhook.

    Stripe's verifier checks the signature. Its age is checked here, against the marketplace's
    clock, which may be a virtual one.
    """
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, tolerance=None)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        raise ForgedWebhook from None
    signed_at = _SIGNED_AT.search(signature or "")
    if signed_at is None or int(signed_at[1]) < now.timestamp() - TOLERANCE_SECONDS:
        raise StaleWebhook
    return _event(body)


def _event(body: bytes) -> ReceivedEvent:
    try:
        payload = json.loads(body)
        event = ReceivedEvent(
            event_id=payload["id"],
            type=payload["type"],
            # Some objects, such as a balance, have no id.
            object_id=payload["data"]["object"].get("id", ""),
            payload=payload,
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        raise UnreadableWebhook from None
    words = (event.event_id, event.type, event.object_id)
    if not all(isinstance(word, str) and len(word) <= _LONGEST for word in words):
        raise UnreadableWebhook
    return event
