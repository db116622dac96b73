"""Write a priced cart down as the rows of an order, for the one statement that places it. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.checkout import part_rows
from marketplace.checkout.part_rows import Row
from marketplace.kit.ids import new_id
from marketplace.orders.events import OrderPlaced
from marketplace.pricing.quoting import Quote
from marketplace.routing import recording as decisions_kept
from marketplace.routing.models import Cause
from marketplace.routing.recording import Made
from marketplace.sla.models import ClockKind, ClockState

_PAID = ("captured_minor", "refund_claimed_minor", "refunded_minor", "disputed_minor")
_NOTHING_PAID = dict.fromkeys(_PAID, 0)


@dataclass(frozen=True, slots=True)
class Claim:
    """An idempotency key, its owner, and what it was used for."""

    principal: str
    operation: str
    key: str
    request_hash: str


def draft(
    order_id: UUID,
    cart: Mapping[str, Any],
    quote: Quote,
    decided: Mapping[UUID, Made],
    *,
    claim: Claim,
    pay_by: datetime,
    now: datetime,
    source_ref: str | None,
    ship_by: Mapping[UUID, datetime],
) -> Row:
    """The request of `place_order(jsonb)` for `to_json`: rows under their tables' own column names.

    `decided` is by vendor; each line carries the stocks to take it from, the best first.
    """
    customer_id = cart["customer_id"] or new_id(now)
    sub_orders, lines, decisions = _parts(order_id, quote, decided, ship_by, now)
    payment_id = new_id(now)
    return {
        "claim": _claim(claim, order_id, now),
        "cart_version": cart["version"],
        "pay_by": pay_by,
        "order": _order(order_id, customer_id, cart, quote, source_ref, now),
        "customers": [] if cart["customer_id"] else [_guest(customer_id, cart, now)],
        "sub_orders": sub_orders,
        "lines": lines,
        "decisions": decisions,
        "payment": _payment(payment_id, order_id, quote, now),
        "allocations": [_allocation(payment_id, sub_order, now) for sub_order in sub_orders],
        "clocks": [_pay_by_clock(order_id, pay_by, now)],
        **_placed(order_id, claim.principal, now),
    }


def _parts(
    order_id: UUID,
    quote: Quote,
    decided: Mapping[UUID, Made],
    ship_by: Mapping[UUID, datetime],
    now: datetime,
) -> tuple[list[Row], list[Row], list[Row]]:
    """Each seller's part, all their lines, and how it was decided who sends them."""
    sub_orders, lines, decisions = [], [], []
    for index, parcel in enumerate(quote.parcels):
        sub_order_id = new_id(now)
        part = part_rows.sub_order(sub_order_id, order_id, index, parcel, quote, ship_by, now)
        sub_orders.append(part)
        theirs = [part_rows.line(part, nth, line, now) for nth, line in enumerate(parcel.lines)]
        made = decided[parcel.vendor_id]
        ranked = {line.line_id: line.ranking for line in made.decision.lines}
        lines += [{**line, "stock_ids": ranked[str(line["offer_id"])]} for line in theirs]
        decisions.append(
            decisions_kept.row(
                made, order_id=order_id, sub_order_id=sub_order_id, vendor_id=parcel.vendor_id,
                cause=Cause.PLACED, taken={}, now=now,
            )
        )  # fmt: skip
    return sub_orders, lines, decisions


def _order(
    order_id: UUID,
    customer_id: UUID,
    cart: Mapping[str, Any],
    quote: Quote,
    source_ref: str | None,
    now: datetime,
) -> Row:
    return {
        "id": order_id,
        "channel_id": cart["channel_id"],
        "customer_id": customer_id,
        "cart_id": cart["id"],
        "source_ref": source_ref,
        "version": 1,
        "email": cart["email"],
        "customer_name": cart["customer_name"],
        "address": cart["address"],
        "currency": quote.currency,
        "items_minor": quote.items_minor,
        "discount_minor": quote.discount_minor,
        "shipping_minor": quote.shipping_minor,
        "tax_minor": quote.tax_minor,
        "total_minor": quote.total_minor,
        "discount_code": cart["discount_code"],
        "placed_at": now,
    }


def _claim(claim: Claim, order_id: UUID, now: datetime) -> Row:
    return {"id": new_id(now), **asdict(claim), "result_id": order_id, "created_at": now}


def _guest(customer_id: UUID, cart: Mapping[str, Any], now: datetime) -> Row:
    name, email = cart["customer_name"], cart["email"]
    return {"id": customer_id, "email": email, "name": name, "created_at": now}


def _payment(payment_id: UUID, order_id: UUID, quote: Quote, now: datetime) -> Row:
    return {
        "id": payment_id,
        "order_id": order_id,
        "currency": quote.currency,
        "amount_minor": quote.total_minor,
        **_NOTHING_PAID,
        "created_at": now,
    }


def _allocation(payment_id: UUID, sub_order: Row, now: datetime) -> Row:
    return {
        "id": new_id(now),
        "payment_id": payment_id,
        "sub_order_id": sub_order["id"],
        "amount_minor": sub_order["total_minor"],
        **_NOTHING_PAID,
    }


def _pay_by_clock(order_id: UUID, pay_by: datetime, now: datetime) -> Row:
    return {
        "id": new_id(now),
        "kind": ClockKind.PAY_BY,
        "subject_id": order_id,
        "order_id": order_id,
        "state": ClockState.RUNNING,
        "started_at": now,
        "due_at": pay_by,
    }


def _placed(order_id: UUID, actor: str, now: datetime) -> dict[str, object]:
    event = OrderPlaced(order_id=order_id)
    event_id = new_id(now)
    return {
        "event": {
            "id": event_id,
            "name": event.name,
            "stream_id": order_id,
            "seq": 1,
            "payload": event,
            "happened_at": now,
        },
        "change": {
            "id": new_id(now),
            "event_id": event_id,
            "order_id": order_id,
            "subject": "order",
            "subject_id": order_id,
            "to_state": "placed",
            "move": "place",
            "actor": actor,
            "at": now,
        },
    }
