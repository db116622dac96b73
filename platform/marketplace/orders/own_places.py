"""From which of its vendor's places an order can have an offer, other than at placement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.transactions import connection
from marketplace.routing import choosing, deciding, snapshots
from marketplace.routing.requests import Candidate, Destination, Line, Request

_ASKED = """
    SELECT offer.variant_id, offer.currency, variant.sku, product.category, orders.channel_id,
        orders.items_minor, address->>'country' AS country,
        coalesce(address->>'postal_code', '') AS postal_code
    FROM offer JOIN variant ON variant.id = offer.variant_id
    JOIN product ON product.id = variant.product_id
    CROSS JOIN orders WHERE offer.id = $1 AND orders.id = $2
"""


async def find(
    *,
    offer_id: UUID,
    order_id: UUID,
    units: int,
    unit_price_minor: int,
    now: datetime,
    leave_out: UUID | None = None,
    sells_ahead: bool = True,
) -> UUID | None:
    """The stock, locked by the caller, that can send all of these units there now.

    One that has the pieces comes before one that would sell them ahead, if that will do; none where
    nothing leaves, that does not send there, or that the rules of the order's channel forbid.
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
    line = Line(
        id=str(offer_id), variant_id=str(asked["variant_id"]), offer_id=str(offer_id),
        sku=asked["sku"], category=asked["category"], quantity=units,
        value_minor=unit_price_minor * units,
    )  # fmt: skip
    fit = await _allowed(fit, line, asked, order_id)
    if not fit:
        return None
    return UUID(min(fit, key=lambda one: (one.at_hand < units, one.priority)).stock_id)


async def _allowed(
    candidates: Sequence[Candidate], line: Line, asked: Mapping[str, Any], order_id: UUID
) -> list[Candidate]:
    """Without those that a row of the channel's rules forbids."""
    chosen = await choosing.for_order_of_channel(order_id, asked["channel_id"])
    request = Request(
        currency=asked["currency"],
        destination=Destination(country=asked["country"], postcode=asked["postal_code"]),
        order_value_minor=asked["items_minor"],
        lines=(line,),
        candidates=tuple(candidates),
    )
    rules = chosen.deciding
    return [one for one in candidates if not deciding.forbidden(rules, request, line, one)]
