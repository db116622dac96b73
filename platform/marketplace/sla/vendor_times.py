"""When vendors work: their hours, holidays and vacations, and what was agreed with each."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from marketplace.kit.transactions import connection
from marketplace.sla.calendars import BusinessCalendar
from marketplace.sla.models import SlaPolicy

_TIMES = """
    SELECT policy.*, vendor.tier, (
        SELECT json_agg(json_build_array(first_day, last_day)) FROM vendor_closure
        WHERE vendor_closure.vendor_id = policy.vendor_id AND cancelled_at IS NULL) AS closed
    FROM sla_policy policy JOIN vendor ON vendor.id = policy.vendor_id
    WHERE policy.vendor_id = ANY($1)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorTime:
    """Hours are business hours, where no rule of the policy has others."""

    calendar: BusinessCalendar
    tier: str
    accept_hours: int
    ship_hours: int
    warn_hours: int


# Whoever closes a vendor for some days waits for the deadlines that begin now, and they for it:
# otherwise one that was worked out just before would not be extended.
_HOLD = """
    SELECT pg_advisory_xact_lock_shared(hashtextextended('calendar:' || vendor_id, 0))
    FROM unnest($1::uuid[]) AS vendor_id
"""


async def hold(vendor_ids: Collection[UUID]) -> None:
    """No calendar of these changes until this transaction ends."""
    await connection().execute(_HOLD, sorted(set(vendor_ids)))


async def of_vendors(vendor_ids: Collection[UUID]) -> dict[UUID, VendorTime]:
    """In one statement; a vendor without hours is missing."""
    rows = await connection().fetch(_TIMES, list(set(vendor_ids)))
    return {row["vendor_id"]: _read(row) for row in rows}


def _read(row: Any) -> VendorTime:
    hours = SlaPolicy(**{name: row[name] for name in SlaPolicy._meta.db_fields})
    closed = [
        (date.fromisoformat(first), date.fromisoformat(last))
        for first, last in json.loads(row["closed"] or "[]")
    ]
    return VendorTime(
        calendar=BusinessCalendar.of(hours, closed),
        tier=row["tier"],
        accept_hours=row["accept_hours"],
        ship_hours=row["ship_hours"],
        warn_hours=row["warn_hours"],
    )
