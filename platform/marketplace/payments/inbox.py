"""What the provider told us, kept once; a job acts on it later."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.outbox import recording

RECEIVED = "provider.event_received"
SETTLEMENT_RECEIVED = "provider.settlement_event_received"
INTENT_TYPES = frozenset(
    {
        "payment_intent.requires_action",
        "payment_intent.processing",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "payment_intent.canceled",
    }
)
CHARGE_TYPES = frozenset({"charge.updated"})  # the fee of a charge became known
REFUND_TYPES = frozenset({"refund.created", "refund.updated", "refund.failed"})
# What moves vendors' money: transfers, payouts, connected accounts, disputes.
SETTLEMENT_TYPES = (
    "transfer.",
    "payout.",
    "account.",
    "capability.",
    "balance.available",
    "charge.dispute.",
)
# Other types are kept and nobody is told of them.
TOLD_OF = {
    RECEIVED: (*INTENT_TYPES, *CHARGE_TYPES, *REFUND_TYPES),
    SETTLEMENT_RECEIVED: SETTLEMENT_TYPES,
}

_KEEP = """
    INSERT INTO provider_event (id, event_id, type, object_id, payload, received_at, account)
    VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7)
    ON CONFLICT (event_id) DO NOTHING RETURNING id
"""


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """A verified event; `payload` is the whole of it, `account` the connected one it was at."""

    event_id: str
    type: str
    object_id: str
    payload: Mapping[str, object]
    account: str | None = None


async def keep(event: ReceivedEvent, *, now: datetime) -> bool:
    """Keep an event and tell the consumer of it; False where it was here before."""
    async with transaction(SYSTEM) as connection:
        kept = await connection.fetchval(
            _KEEP,
            new_id(now),
            event.event_id,
            event.type,
            event.object_id,
            json.dumps(event.payload),
            now,
            event.account,
        )
        told = {"provider_event_id": str(kept), "type": event.type}
        for name, types in TOLD_OF.items():
            if kept is not None and event.type.startswith(types):
                await recording.record_unstreamed(name, told, now=now)
        return kept is not None
