"""From which of its vendor's places an order can have an offer, other than at placement."""

from datetime import datetime
from uuid import UUID

from marketplace.kit.transactions import connection
from marketplace.routing import snapshots

_ASKED = """
    SELECT offer.variant_id, offer.currency, address->>'country' AS country,
        coalesce(address->>'postal_code', '') AS postal_code
    FROM offer CROSS JOIN orders WHERE offer.id = $1 AND orders.id = $2
"""


async def find(
    *,
    offer_id: UUID,
    order_id: UUID,
    units: int,
    now: datetime,
    leave_out: UUID | None = None,
    sells_ahead: bool = True,
) -> UUID | None:
    """The stock, locked by the caller, that can send all of these units there now.

    One that has the pieces comes before one that would sell them ahead, if that will do; none where
    nothing leaves, or that does not send there.
    """
    asked = await connection().fetchrow(_ASKED, offer_id, order_id)
    there = {"country": asked["country"], "postal_code": asked["postal_code"]}
    candidates = await snapshots.of_variants(
        [asked["variant_id"]], currency=asked["currency"], destination=there, now=now,
        first=offer_id,
    )  # fmt: skip
    fit = [
        one
        for one in candidates
        if (one.offer_id, one.closed, one.outage) == (str(offer_id), None, None)
        # Without a rate now it has one for this order.
        and (one.ships_there or one.shipping_minor is None)
        and one.stock_id != str(leave_out)
        and (one.available if sells_ahead else one.at_hand) >= units
    ]
    if not fit:
        return None
    return UUID(min(fit, key=lambda one: (one.at_hand < units, one.priority)).stock_id)
