"""What each event says, and to whom."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from babel import Locale

from marketplace.notifications import queries, standing_messages
from marketplace.notifications.links import Links
from marketplace.notifications.mails import Mail, Message
from marketplace.outbox.routes import Received

_TO_DO = {
    "accept_by": "accept",
    "ship_by": "ship",
    "deliver_by": "deliver",
    "answer_by": "settle the lost parcel of",
    "collect_by": "hand over",
}


async def order_confirmed(event: Received, links: Links) -> Mail | None:
    order = await queries.order(event.order_id)
    if all(sub["state"] == "cancelled" for sub in order["sub_orders"]):
        return None  # paid too late: the money goes straight back, and that has its own e-mail
    context = _to_customer(order, links, event.order_id)
    context["address"] = _address(order)
    return _mail("order_confirmed", order["email"], event.order_id, event.order_id, context)


async def new_order(event: Received, links: Links) -> Mail | None:
    order = await queries.order(event.order_id)
    sub_order_id = event.id_of("sub_order_id")
    context = _to_vendor(order, sub_order_id, links)
    context["due_at"] = await queries.due_at(sub_order_id, "accept_by")
    context["address"] = _address(order)
    return _mail("new_order", context["email"], event.order_id, sub_order_id, context)


async def shipped(event: Received, links: Links) -> Mail | None:
    return await _parcel("shipped", event, links)


async def delivered(event: Received, links: Links) -> Mail | None:
    return await _parcel("delivered", event, links)


async def ready_for_pickup(event: Received, links: Links) -> Mail | None:
    return await _parcel("ready_for_pickup", event, links)


async def refunded(event: Received, links: Links) -> Mail | None:
    order = await queries.order(event.order_id)
    refund_id = event.id_of("refund_id")
    refund = await queries.refund(refund_id)
    if refund["amount_minor"] == 0:
        return None  # units that a discount had paid for: no money moved
    context = _to_customer(order, links, event.order_id) | {"refund": refund}
    context["is_too_late"] = all(
        sub["state"] == "cancelled" and sub["released_at"] is None for sub in order["sub_orders"]
    )
    context["unavailable"] = [line for line in refund["lines"] if line["is_unavailable"]]
    return _mail("refunded", order["email"], event.order_id, refund_id, context)


async def rerouted(event: Received, links: Links) -> Mail | None:
    """One e-mail for all that a vendor could not send at once, however many send it now."""
    order = await queries.order(event.order_id)
    moved = await queries.rerouted(event.id_of("reroute_id"))
    context = _to_customer(order, links, event.order_id) | {"moved": moved}
    return _mail("rerouted", order["email"], event.order_id, UUID(moved["first_id"]), context)


async def deadline(event: Received, links: Links) -> Mail:
    """A vendor's deadline is near, or was missed."""
    order = await queries.order(event.order_id)
    context = _to_vendor(order, event.id_of("sub_order_id"), links)
    clock = await queries.clock(event.id_of("clock_id"))
    context["due_at"], context["action"] = clock["due_at"], _TO_DO[clock["kind"]]
    template = "late_warning" if event.payload["moment"] == "warned" else "overdue"
    return _mail(template, context["email"], event.order_id, event.id_of("run_id"), context)


async def handed_on(event: Received, links: Links) -> Mail:
    """A vendor that was late is not to send it any more, or only what it has packed."""
    order = await queries.order(event.order_id)
    context = _to_vendor(order, event.id_of("sub_order_id"), links)
    clock = await queries.clock(event.id_of("clock_id"))
    context["due_at"], context["action"] = clock["due_at"], _TO_DO[clock["kind"]]
    lines = context["sub_order"]["lines"]
    context["left"] = [line for line in lines if line["shipped"] < line["live"]]
    return _mail("handed_on", context["email"], event.order_id, event.event_id, context)


async def delayed(event: Received, links: Links) -> Mail:
    """The customer hears of another date before the promised one has passed."""
    order = await queries.order(event.order_id)
    notice_id = event.id_of("notice_id")
    sub_order = _of(order, event.id_of("sub_order_id"))
    context = _to_customer(order, links, event.order_id)
    context["notice"] = await queries.delay(notice_id)
    context["vendor"] = sub_order["vendor"]
    context["to_follow"] = [line for line in sub_order["lines"] if line["shipped"] < line["live"]]
    return _mail("delayed", order["email"], event.order_id, notice_id, context)


async def declined(event: Received, links: Links) -> Mail:
    """The customer hears that the order is not sent; nobody is accused of anything."""
    order = await queries.order(event.order_id)
    context = _to_customer(order, links, event.order_id)
    context["was_charged"] = await queries.was_charged(event.order_id)
    return _mail("order_declined", order["email"], event.order_id, event.order_id, context)


async def correct_address(event: Received, links: Links) -> Mail:
    """The customer is asked to look at the address again, by a link that works once."""
    order = await queries.order(event.order_id)
    correction_id = event.id_of("correction_id")
    context = _to_customer(order, links, event.order_id)
    context["address"] = _address(order)
    context["expires_at"] = await queries.link_expiry(correction_id)
    context["address_url"] = links.address(correction_id)
    return _mail("correct_address", order["email"], event.order_id, correction_id, context)


async def may_it_be_something_else(event: Received, links: Links) -> Mail | None:
    """The customer is asked about a substitute; None where it is no question any more."""
    order = await queries.order(event.order_id)
    substitution_id = event.id_of("substitution_id")
    context = _to_customer(order, links, event.order_id)
    context["proposed"] = await queries.substitution(substitution_id)
    if context["proposed"]["state"] != "proposed":
        return None
    return _mail("substitution", order["email"], event.order_id, substitution_id, context)


async def low_stock(event: Received, links: Links) -> Mail | None:
    """None where the shelf was filled again before we came to write."""
    stock_id = event.id_of("stock_id")
    context = await queries.low_stock(stock_id)
    if not context["is_low"]:
        return None
    context["portal_url"] = links.stock(stock_id)
    return _mail("low_stock", context["email"], None, event.event_id, context)


MESSAGES: Mapping[str, Message] = {
    "payment.captured": order_confirmed,
    "sub_order.released": new_order,
    "sub_order.partly_shipped": shipped,
    "sub_order.shipped": shipped,
    "shipment.delivered": delivered,
    "shipment.ready_for_pickup": ready_for_pickup,
    "sub_order.rerouted": rerouted,
    "refund.succeeded": refunded,
    "substitution.proposed": may_it_be_something_else,
    "stock.low": low_stock,
    "sla.vendor_notified": deadline,
    "sub_order.handed_on": handed_on,
    "sub_order.delayed": delayed,
    "order.declined": declined,
    "order.address_asked": correct_address,
    **standing_messages.MESSAGES,
}


async def compose(event: Received, links: Links) -> Mail | None:
    """The e-mail an event calls for, its facts as they are now; None where it calls for none."""
    return await MESSAGES[event.name](event, links)


async def _parcel(template: str, event: Received, links: Links) -> Mail:
    order = await queries.order(event.order_id)
    shipment_id = event.id_of("shipment_id")
    parcel = await queries.parcel(shipment_id)
    sub_order = _of(order, UUID(parcel["sub_order_id"]))
    context = _to_customer(order, links, event.order_id)
    context["parcel"] = parcel
    context["vendor"] = sub_order["vendor"]
    context["to_follow"] = [line for line in sub_order["lines"] if line["shipped"] < line["live"]]
    return _mail(template, order["email"], event.order_id, shipment_id, context)


def _to_customer(order: dict[str, Any], links: Links, order_id: UUID) -> dict[str, Any]:
    """The customer reads in the channel's language and time."""
    return {
        "order": order,
        "marketplace": order["marketplace"],
        "currency": order["currency"],
        "locale": order["locale"],
        "zone": order["time_zone"],
        "tracking_url": links.tracking(order_id),
    }


def _to_vendor(order: dict[str, Any], sub_order_id: UUID, links: Links) -> dict[str, Any]:
    """The vendor reads in its own time, and of its own part only."""
    sub_order = _of(order, sub_order_id)
    return {
        "sub_order": sub_order,
        "email": sub_order["vendor_email"],
        "customer_name": order["customer_name"],
        "marketplace": order["marketplace"],
        "currency": order["currency"],
        "locale": order["locale"],
        "zone": sub_order["vendor_zone"],
        "portal_url": links.sub_order(sub_order_id),
    }


def _address(order: dict[str, Any]) -> list[str]:
    """As on a label, line by line."""
    place: dict[str, str] = json.loads(order["address"])
    town = f"{place.get('postal_code', '')} {place.get('city', '')}".strip()
    country = place.get("country", "")
    lines = [
        order["customer_name"],
        place.get("line1", ""),
        place.get("line2", ""),
        town,
        place.get("region", ""),
        str(Locale.parse(order["locale"].replace("-", "_")).territories.get(country, country)),
    ]
    return [line for line in lines if line]


def _of(order: dict[str, Any], sub_order_id: UUID) -> dict[str, Any]:
    found: dict[str, Any] = next(
        sub for sub in order["sub_orders"] if sub["id"] == str(sub_order_id)
    )
    return found


def _mail(
    template: str,
    recipient: str,
    order_id: UUID | None,
    about: UUID,
    context: Mapping[str, object],
) -> Mail:
    return Mail(
        template=template,
        recipient=recipient,
        order_id=order_id,
        dedupe_key=f"{template}:{about}",
        context=context,
    )
