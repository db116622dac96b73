"""What a vendor cannot send goes to the next one, at the price the customer paid.

The units leave their line with their exact share of the money and become a line of a new sub-order
(docs/decisions/0019). Nothing of it is the customer's business but who sends it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.inventory import committing, reserving
from marketplace.kit.transactions import connection
from marketplace.orders import replacing
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.orders.replacement_rows import Replaced, Take
from marketplace.payments.locking import lock_payment
from marketplace.payments.models import PaymentAllocation
from marketplace.routing import choosing, recording, snapshots
from marketplace.routing.choosing import Chosen
from marketplace.routing.decisions import DecidedLine
from marketplace.routing.filters import FINAL
from marketplace.routing.recording import Made
from marketplace.routing.requests import Candidate, Destination, Line, Preference, Request

# An imported order was agreed with its seller, and goes back to its customer if that one fails.
_ORDER = """
    SELECT channel_id, address->>'country' AS country,
        coalesce(address->>'postal_code', '') AS postcode, items_minor, source_ref,
        (SELECT preference FROM cart WHERE cart.id = orders.cart_id) AS preference
    FROM orders WHERE id = $1
"""
_VARIANTS = """
    SELECT offer.id AS offer_id, offer.variant_id, product.category
    FROM offer JOIN variant ON variant.id = offer.variant_id
    JOIN product ON product.id = variant.product_id WHERE offer.id = ANY($1)
"""
# Who has said no to a part of this order is not asked again.
_FAILED = """
    SELECT DISTINCT sub_order.vendor_id FROM sub_order
    JOIN order_line line ON line.sub_order_id = sub_order.id
    WHERE sub_order.order_id = $1
        AND (sub_order.state IN ('refused', 'expired') OR line.refused + line.rerouted > 0)
"""


async def send_elsewhere(
    *,
    sub_order: SubOrder,
    units: Mapping[UUID, int],
    whole: bool,
    reason: str,
    now: datetime,
    in_part: bool = True,
) -> dict[UUID, int]:
    """Give units by line to the next vendors that can; answers with those that nobody can send.

    The caller holds the order, sees all rows, and has not counted the units as refused yet; what
    is answered it gives back to the customer. `whole`: nothing stays here, so the shipping
    goes along. Money that is refunded or disputed stays where it is, and its units with it.
    Without `in_part` all of the units go, or none.
    """
    order = await connection().fetchrow(_ORDER, sub_order.order_id)
    lines = [
        line
        for line in await OrderLine.filter(id__in=list(units)).order_by("position")
        if units[line.id] and not line.refunded and not line.refunded_minor
    ]
    if not lines or order["source_ref"] is not None or not await _is_free(sub_order):
        return dict(units)
    variants = {
        row["offer_id"]: row
        for row in await connection().fetch(_VARIANTS, [line.offer_id for line in lines])
    }
    variant_ids = {row["variant_id"] for row in variants.values()}
    await committing.lock(line_ids=list(units), variant_ids=variant_ids)

    chosen = await choosing.for_order_of_channel(sub_order.order_id, order["channel_id"])
    request = await _request(sub_order, lines, units, order, variants, now)
    made = _decided(chosen, request)
    found = _taken(made, lines)
    moved = {take.line.id: take.units for takes in found.values() for take in takes}
    left = {line: count - moved.get(line, 0) for line, count in units.items()}
    if not moved or (any(left.values()) and not in_part):
        return dict(units)
    await reserving.release(moved)
    await replacing.replace(
        sub_order=sub_order,
        replaced=[Replaced(vendor_id, takes) for vendor_id, takes in sorted(found.items())],
        with_shipping=whole,
        made=made,
        bearer=chosen.deciding.bearer,
        reason=reason,
        now=now,
    )
    return {line: count for line, count in left.items() if count}


async def _is_free(sub_order: SubOrder) -> bool:
    """Paid in full, and no bank wants it back."""
    await lock_payment(sub_order.order_id)
    share = await PaymentAllocation.get(sub_order_id=sub_order.id)
    return share.captured_minor == share.amount_minor and not share.disputed_minor


async def _request(
    sub_order: SubOrder,
    lines: Sequence[OrderLine],
    units: Mapping[UUID, int],
    order: Mapping[str, Any],
    variants: Mapping[UUID, Mapping[str, Any]],
    now: datetime,
) -> Request:
    failed = await connection().fetch(_FAILED, sub_order.order_id)
    there = {"country": order["country"], "postal_code": order["postcode"]}
    return Request(
        currency=sub_order.currency,
        destination=Destination(country=order["country"], postcode=order["postcode"]),
        order_value_minor=order["items_minor"],
        lines=tuple(
            Line(
                id=str(line.id),
                variant_id=str(variants[line.offer_id]["variant_id"]),
                offer_id=None,
                sku=line.sku,
                category=variants[line.offer_id]["category"],
                quantity=units[line.id],
                value_minor=line.unit_price_minor * units[line.id],
            )
            for line in lines
        ),
        candidates=tuple(
            await snapshots.of_variants(
                sorted({row["variant_id"] for row in variants.values()}),
                currency=sub_order.currency, destination=there, now=now,
                method=sub_order.shipping_method,
            )
        ),
        preference=Preference(order["preference"]) if order["preference"] else None,
        without_vendors=tuple(
            sorted({str(sub_order.vendor_id), *(str(row["vendor_id"]) for row in failed)})
        ),
    )  # fmt: skip


def _decided(chosen: Chosen, request: Request) -> Made:
    """A line that nobody has whole is asked for again with as many as somebody has."""
    made = recording.make(chosen, request)
    fewer = {
        line.line_id: _most(line, request.candidates)
        for line in made.decision.lines
        if line.winner is None
    }
    if not any(fewer.values()):
        return made
    lines = tuple(
        replace(
            line, quantity=fewer[line.id],
            value_minor=line.value_minor // line.quantity * fewer[line.id],
        )
        if fewer.get(line.id) else line
        for line in request.lines
    )  # fmt: skip
    return recording.make(chosen, replace(request, lines=lines))


def _most(line: DecidedLine, candidates: Sequence[Candidate]) -> int:
    allowed = {
        one.stock_id for one in line.candidates if one.reason is None or one.reason not in FINAL
    }
    return max((one.available for one in candidates if one.stock_id in allowed), default=0)


def _taken(made: Made, lines: Sequence[OrderLine]) -> dict[UUID, list[Take]]:
    """By vendor, what it can send."""
    by_id = {str(line.id): line for line in lines}
    left = {one.stock_id: one.available for one in made.request.candidates}
    found = defaultdict(list)
    for decided in made.decision.lines:
        won = decided.winner
        if won is None or left[won.stock_id] < decided.quantity:
            continue  # two lines wanted the same pieces; the first has them
        left[won.stock_id] -= decided.quantity
        take = Take(by_id[decided.line_id], UUID(won.stock_id), decided.quantity)
        found[UUID(won.vendor_id)].append(take)
    return dict(found)
