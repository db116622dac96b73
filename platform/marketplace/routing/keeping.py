"""Keep a decision that was made outside of a placement, which keeps its own."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic_core import to_json

from marketplace.kit.transactions import connection
from marketplace.routing import recording
from marketplace.routing.models import Cause
from marketplace.routing.recording import Made

_KEEP = """
    INSERT INTO routing_decision
    SELECT * FROM jsonb_populate_record(NULL::routing_decision, $1::jsonb)
"""


async def keep(
    made: Made,
    *,
    order_id: UUID,
    sub_order_id: UUID,
    vendor_id: UUID,
    cause: Cause,
    taken: Mapping[str, str],
    now: datetime,
) -> None:
    row = recording.row(
        made, order_id=order_id, sub_order_id=sub_order_id, vendor_id=vendor_id, cause=cause,
        taken=taken, now=now,
    )  # fmt: skip
    await connection().execute(_KEEP, to_json(row).decode())
