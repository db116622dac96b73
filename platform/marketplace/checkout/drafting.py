"""Write a priced cart down as the rows of an order, for the one statement that places it. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.orders import giving_back, numbers
from marketplace.orders.events import OrderPlaced
from marketplace.orders.states import SUB_ORDER
from marketplace.pricing.quoting import PricedLine, PricedParcel, Quote
from marketplace.routing import recording as decisions_kept
from marketplace.routing.models import Cause
from marketplace.routing.recording import Made
from marketplace.sla.models import ClockKind, ClockState

Row = dict[str, object]
_PAID = ("captured_minor", "refund_claimed_minor", "refunded_minor", "disputed_minor")
_DONE = ("refused", "cancelled", "rerouted", "shipped", "delivered", "refunded")
_NOTHING_PAID = dict.fromkeys(_PAID, 0)
_NOTHING_DONE = dict.fromkeys((*_DONE, *giving_back.COUNTERS), 0)


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
    order = _order(order_id, customer_id, cart, quote, source_ref, now)
    sub_orders, lines, decisions = [], [], []
    for index, parcel in enumerate(quote.parcels):
        sub_order_id = new_id(now)
        sub_order = _sub_order(sub_order_id, order_id, index, parcel, quote, ship_by, now)
        sub_orders.append(sub_order)
        theirs = [_line(sub_order, number, line, now) for number, line in enumerate(parcel.lines)]
        made = decided[parcel.vendor_id]
        ranked = {line.line_id: line.ranking for line in made.decision.lines}
        lines += [{**line, "stock_ids": ranked[str(line["offer_id"])]} for line in theirs]
        decisions.append(
            decisions_kept.row(
                made, order_id=order_id, sub_order_id=sub_order_id, vendor_id=parcel.vendor_id,
                cause=Cause.PLACED, taken={}, now=now,
            )
        )  # fmt: skip
    payment_id = new_id(now)
    return {
        "claim": _claim(claim, order_id, now),
        "cart_version": cart["version"],
        "pay_by": pay_by,
        "order": order,
        "customers": [] if cart["customer_id"] else [_guest(customer_id, cart, now)],
        "sub_orders": sub_orders,
        "lines": lines,
        "decisions": decisions,
        "payment": _payment(payment_id, order_id, quote, now),
        "allocations": [_allocation(payment_id, sub_order, now) for sub_order in sub_orders],
        "clocks": [_pay_by_clock(order_id, pay_by, now)],
        **_placed(order_id, claim.principal, now),
    }


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


def _sub_order(
    sub_order_id: UUID,
    order_id: UUID,
    index: int,
    parcel: PricedParcel,
    quote: Quote,
    ship_by: Mapping[UUID, datetime],
    now: datetime,
) -> Row:
    return {
        "id": sub_order_id,
        "order_id": order_id,
        "vendor_id": parcel.vendor_id,
        "letter": numbers.letter(index),
        "state": SUB_ORDER.start,
        "version": 1,
        "currency": quote.currency,
        "items_minor": parcel.items_minor,
        "discount_minor": parcel.discount_minor,
        "shipping_minor": parcel.shipping_minor,
        "tax_minor": parcel.tax_minor,
        "total_minor": parcel.total_minor,
        "shipping_net_minor": parcel.shipping_net_minor,
        "shipping_tax_minor": parcel.shipping_tax_minor,
        "shipping_gross_minor": parcel.shipping_gross_minor,
        "shipping_vendor_minor": parcel.shipping_vendor_minor,
        "shipping_funding_minor": 0,
        "shipping_tax_ppm": parcel.shipping_tax_ppm,
        "shipping_refunded_minor": 0,
        "tax_inclusive": quote.prices_include_tax,
        "tax_liable": quote.tax_liable,
        "tax_jurisdiction": quote.country,
        "placed_at": now,
        "fixed_ship_by": ship_by.get(parcel.vendor_id),
    }


def _line(sub_order: Row, number: int, line: PricedLine, now: datetime) -> Row:
    return {
        "id": new_id(now),
        "reservation_id": new_id(now),
        "sub_order_id": sub_order["id"],
        "order_id": sub_order["order_id"],
        "vendor_id": sub_order["vendor_id"],
        "offer_id": line.item.offer_id,
        "position": number + 1,
        "sku": line.item.sku,
        "name": line.item.name,
        "quantity": line.item.quantity,
        **_NOTHING_DONE,
        "unit_price_minor": line.item.unit_price_minor,
        "items_minor": line.items_minor,
        "discount_platform_minor": line.discount_platform_minor,
        "discount_vendor_minor": line.discount_vendor_minor,
        "net_minor": line.net_minor,
        "tax_minor": line.tax_minor,
        "gross_minor": line.gross_minor,
        "tax_ppm": line.tax_ppm,
        "funding_minor": line.funding_minor,
        "vendor_minor": line.vendor_minor,
        "commission_minor": line.commission_minor,
        "commission_vat_minor": line.commission_vat_minor,
        "commission_ppm": line.item.commission.rate_ppm,
        "commission_rule_id": line.item.commission.rule_id,
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
