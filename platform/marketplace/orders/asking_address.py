"""Ask a customer for the right address, by a link that works once."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.principal import Principal
from marketplace.orders.hold_events import AddressAsked
from marketplace.orders.hold_models import AddressCorrection, OrderHold
from marketplace.outbox import recording

OPEN_FOR = timedelta(days=7)


async def ask(hold: OrderHold, *, by: Principal, now: datetime) -> UUID:
    """A new link for an open address hold; the e-mail follows from the event."""
    asked = await AddressCorrection.create(
        id=new_id(now), order_id=hold.order_id, hold_id=hold.id, asked_by=by.key, asked_at=now,
        expires_at=now + OPEN_FOR,
    )  # fmt: skip
    event = AddressAsked(order_id=hold.order_id, correction_id=asked.id)
    await recording.record([event], now=now)
    return asked.id


def as_json(address: Mapping[str, str]) -> str:
    """As the order keeps it."""
    return json.dumps(dict(address))
