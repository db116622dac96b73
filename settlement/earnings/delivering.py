"""When an earning may become available: from its delivery, or, unheard of, from its shipping."""

from datetime import datetime, timedelta
from uuid import UUID

from marketplace.kit.transactions import connection
from marketplace.sla.calendars import add_business_days
from settlement.earnings import locking

_DELIVERED = """
    SELECT sub_order.delivered_at, terms.maturity_days, vendor.country, vendor.time_zone
    FROM earning
    JOIN sub_order ON sub_order.id = earning.sub_order_id
    JOIN settlement_terms terms ON terms.id = earning.terms_id
    JOIN vendor ON vendor.id = earning.vendor_id
    WHERE earning.sub_order_id = $1 AND sub_order.delivered_at IS NOT NULL
"""
# What is available already stays so.
_NOTE = """
    UPDATE earning SET delivered_at = $2,
        matures_at = CASE state WHEN 'pending' THEN $3 ELSE matures_at END
    WHERE sub_order_id = $1
"""


def matures_at(
    *,
    earned_at: datetime,
    delivered_at: datetime | None,
    maturity_days: int,
    undelivered_days: int,
    country: str,
    time_zone: str,
) -> datetime:
    """The end of the last business day after delivery, by the vendor's calendar; in UTC.

    A parcel nobody reported counts as delivered, and as kept, after `undelivered_days`.
    """
    if delivered_at is None:
        return earned_at + timedelta(days=undelivered_days)
    return add_business_days(delivered_at, maturity_days, country=country, time_zone=time_zone)


async def note_delivery(*, sub_order_id: UUID) -> None:
    """The sub-order has arrived: its earning now waits for returns, by the terms it was made under.

    An earning that is not made yet will find the delivery itself.
    """
    if not await locking.lock([sub_order_id]):
        return
    row = await connection().fetchrow(_DELIVERED, sub_order_id)
    assert row is not None, sub_order_id
    matures = add_business_days(
        row["delivered_at"],
        row["maturity_days"],
        country=row["country"],
        time_zone=row["time_zone"],
    )
    await connection().execute(_NOTE, sub_order_id, row["delivered_at"], matures)
