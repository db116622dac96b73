"""A paid payout is final when the days have passed in which a bank may send it back."""

from datetime import datetime
from uuid import UUID

from marketplace.accounts.models import Vendor
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.sla.calendars import add_business_days

BUSINESS_DAYS = 5
_FINALISE = """
    UPDATE payout SET final_at = $1 WHERE id IN (
        SELECT id FROM payout WHERE state = 'paid' AND final_at IS NULL AND final_from <= $1
        ORDER BY final_from LIMIT $2 FOR UPDATE SKIP LOCKED)
    RETURNING id
"""


async def finalise_due(*, now: datetime, limit: int = 500) -> int:
    """Mark up to `limit` payouts as final; how many that were. Any number may run at once."""
    async with transaction(SYSTEM) as connection:
        return len(await connection.fetch(_FINALISE, now, limit))


async def final_from(vendor_id: UUID, *, paid_at: datetime) -> datetime:
    """When the bank's days are over, by the vendor's calendar, as for maturity; in UTC."""
    vendor = await Vendor.get(id=vendor_id)
    return add_business_days(
        paid_at, BUSINESS_DAYS, country=vendor.country, time_zone=vendor.time_zone
    )
