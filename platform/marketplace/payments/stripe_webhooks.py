"""Read a webhook of Stripe's: believe it only when it is signed, and lately."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import stripe

from marketplace.payments.errors import ForgedWebhook, StaleWebhook, UnreadableWebhook
from marketplace.payments.inbox import ReceivedEvent

TOLERANCE_SECONDS = 300  # Stripe's own
_SIGNED_AT = re.compile(r"(?:^|,)t=(\d+)")
_LONGEST = 80  # characters of an id or a type, as our columns have them


def read_event(
    *, body: bytes, signature: str | None, secrets: Sequence[str], now: datetime
) -> ReceivedEvent:
    """The event in a raw body; refuses ForgedWebhook, StaleWebhook and UnreadableWebhook.

    Our own events and those of connected accounts may be signed with different secrets; one of
    them has to fit. Stripe's verifier checks the signature. Its age is checked here, against the
    marketplace's clock, which may be a virtual one.
    """
    if not any(_fits(body, signature, secret) for secret in secrets):
        raise ForgedWebhook
    signed_at = _SIGNED_AT.search(signature or "")
    if signed_at is None or int(signed_at[1]) < now.timestamp() - TOLERANCE_SECONDS:
        raise StaleWebhook
    try:
        return event_of(json.loads(body))
    except ValueError:
        raise UnreadableWebhook from None


def event_of(payload: Mapping[str, Any]) -> ReceivedEvent:
    """The event as Stripe says it, in a webhook or in its list; refuses UnreadableWebhook."""
    try:
        event = ReceivedEvent(
            event_id=payload["id"],
            type=payload["type"],
            # Some objects, such as a balance, have no id.
            object_id=payload["data"]["object"].get("id", ""),
            payload=payload,
            account=payload.get("account"),
        )
    except (LookupError, TypeError, AttributeError):
        raise UnreadableWebhook from None
    words = (event.event_id, event.type, event.object_id, event.account or "")
    if not all(isinstance(word, str) and len(word) <= _LONGEST for word in words):
        raise UnreadableWebhook
    return event


def _fits(body: bytes, signature: str | None, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, tolerance=None)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
    return True
