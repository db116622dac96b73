"""Raise a provider's event anew: its handler fetches the object and books what was missed."""

from datetime import datetime
from typing import Any

from marketplace.payments import inbox
from marketplace.payments.inbox import ReceivedEvent
from settlement.reconciliation.models import PLATFORM

# By the type of a line: the event whose handler looks at its object.
EVENTS = {
    "charge": "payment_intent.succeeded",
    "refund": "refund.updated",
    "payment_failure_refund": "refund.updated",
    "refund_failure": "refund.updated",
    "transfer": "transfer.created",
    "payment": "transfer.created",
    "transfer_refund": "transfer.reversed",
    "payment_refund": "transfer.reversed",
    "payout": "payout.updated",
    "payout_failure": "payout.failed",
    "payout_cancel": "payout.canceled",
    "adjustment": "charge.dispute.updated",
}


async def ask_about_line(line: Any, *, token: str, now: datetime) -> bool:
    """Ask about the object of a provider's line; False where no event tells of such a thing.

    `line` is a provider_transaction with its `key`. Once for each token.
    """
    type_ = EVENTS.get(line["type"])
    object_id = line["payment_intent"] if line["type"] == "charge" else line["object_id"]
    if type_ is None or object_id is None:
        return False
    return await _ask(type_, object_id, line["account"], token, now)


async def ask_about_payout(*, payout_id: str, account: str, token: str, now: datetime) -> bool:
    """Ask how a vendor's payout stands."""
    return await _ask("payout.updated", payout_id, account, token, now)


async def _ask(type_: str, object_id: str, account: str, token: str, now: datetime) -> bool:
    event_id = f"souk:{token}:{object_id}"[:80]
    told: dict[str, object] = {"id": event_id, "type": type_, "data": {"object": {"id": object_id}}}
    at = None if account == PLATFORM or _is_of_platform(type_) else account
    return await inbox.keep(
        ReceivedEvent(event_id=event_id, type=type_, object_id=object_id, payload=told, account=at),
        now=now,
    )


def _is_of_platform(type_: str) -> bool:
    """Transfers are the platform's objects, whoever's book tells of them."""
    return type_.startswith("transfer.")
