"""Act on what the provider told us, by asking it how things stand now."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.checkout import confirming
from marketplace.kit.errors import NotFound
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.payments import submitting
from marketplace.payments.gateway import PaymentGateway
from marketplace.payments.inbox import CHARGE_TYPES, INTENT_TYPES, REFUND_TYPES

_READ = "SELECT type, object_id, payload FROM provider_event WHERE id = $1"


async def handle(*, provider_event_id: UUID, gateway: PaymentGateway, now: datetime) -> None:
    """Fetch the object an event is about and apply it; safe to repeat, in any order.

    Ignores types we do not act on and objects that are not ours. Raises OutcomeUnknown while the
    provider does not answer: hand the event over again.
    """
    async with transaction(SYSTEM, read_only=True) as connection:
        event = await connection.fetchrow(_READ, provider_event_id)
    if event is None:
        raise NotFound("provider event")
    if event["type"] in INTENT_TYPES:
        await _apply_intent(event["object_id"], gateway, now)
    elif event["type"] in CHARGE_TYPES:
        charge: Mapping[str, Any] = json.loads(event["payload"])["data"]["object"]
        if charge.get("payment_intent") is not None:
            await _apply_intent(charge["payment_intent"], gateway, now)
    elif event["type"] in REFUND_TYPES:
        refund = await gateway.retrieve_refund(event["object_id"])
        refund_id = _ours(refund.metadata.get("refund_id"))
        if refund_id is not None:
            await submitting.apply_refund(refund_id=refund_id, snapshot=refund, now=now)


async def _apply_intent(intent_id: str, gateway: PaymentGateway, now: datetime) -> None:
    snapshot = await gateway.retrieve_intent(intent_id)
    attempt_id = _ours(snapshot.metadata.get("attempt_id"))
    if attempt_id is not None:
        await confirming.apply_intent(attempt_id=attempt_id, snapshot=snapshot, now=now)


def _ours(text: str | None) -> UUID | None:
    """An id of ours, as we wrote it at the provider; others may write there too."""
    try:
        return UUID(text) if text is not None else None
    except ValueError:
        return None
