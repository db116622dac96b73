"""What the e-mails need to know, as plain values that survive in JSON."""

from typing import Any
from uuid import UUID

from marketplace.kit.transactions import connection

_ORDER = """
    SELECT orders.number, orders.email, orders.customer_name, orders.address, orders.currency,
        orders.items_minor, orders.discount_minor, orders.shipping_minor, orders.tax_minor,
        orders.total_minor, orders.placed_at, channel.name AS marketplace, channel.locale,
        channel.time_zone
    FROM orders JOIN channel ON channel.id = orders.channel_id WHERE orders.id = $1
"""

_SUB_ORDERS = """
    SELECT sub.id, sub.number, sub.state, sub.items_minor, sub.discount_minor, sub.shipping_minor,
        coalesce(sub.shipping_method, 'standard') AS shipping_method,
        sub.tax_minor, sub.total_minor, sub.tax_inclusive, sub.released_at, vendor.name AS vendor,
        vendor.email AS vendor_email, vendor.time_zone AS vendor_zone
    FROM sub_order AS sub JOIN vendor ON vendor.id = sub.vendor_id
    WHERE sub.order_id = $1 ORDER BY sub.number
"""

_LINES = """
    SELECT sub_order_id, sku, name, quantity, quantity - refused - cancelled AS live, shipped,
        refused, items_minor
    FROM order_line WHERE order_id = $1 ORDER BY sub_order_id, position
"""

_PARCEL = """
    SELECT shipment.id, shipment.sub_order_id, shipment.carrier, shipment.tracking_number,
        shipment.shipped_at, shipment.delivered_at, shipment.collect_by, location.name AS place
    FROM shipment LEFT JOIN location ON location.id = shipment.location_id
    WHERE shipment.id = $1
"""

_PARCEL_LINES = """
    SELECT order_line.sku, order_line.name, shipment_line.quantity
    FROM shipment_line JOIN order_line ON order_line.id = shipment_line.line_id
    WHERE shipment_line.shipment_id = $1 ORDER BY order_line.position
"""

_REFUND = """
    SELECT refund.amount_minor, refund.currency, refund.finished_at, refund.requested_at
    FROM refund WHERE refund.id = $1
"""

_REFUND_LINES = """
    SELECT order_line.name, refund_line.quantity, refund_line.gross_minor, vendor.name AS vendor,
        sub.state IN ('refused', 'expired') OR order_line.refused > 0 AS is_unavailable
    FROM refund_line
    JOIN sub_order AS sub ON sub.id = refund_line.sub_order_id
    JOIN vendor ON vendor.id = sub.vendor_id
    LEFT JOIN order_line ON order_line.id = refund_line.line_id
    WHERE refund_line.refund_id = $1 AND refund_line.gross_minor > 0
    ORDER BY sub.number, order_line.position
"""

_SUBSTITUTION = """
    SELECT one.state, one.units, one.name, one.note, one.unit_price_minor, one.refund_minor,
        one.answer_by, line.name AS instead_of, vendor.name AS vendor
    FROM substitution one JOIN order_line line ON line.id = one.line_id
    JOIN vendor ON vendor.id = one.vendor_id WHERE one.id = $1
"""

_LOW_STOCK = """
    SELECT stock.is_low, stock.low_at, stock.on_hand, stock.reserved,
        greatest(stock.available - stock.backorder_limit, 0) AS left_to_sell, variant.sku,
        product.name || CASE variant.name WHEN '' THEN '' ELSE ', ' || variant.name END AS name,
        location.name AS location, vendor.name AS vendor, vendor.email,
        vendor.time_zone AS zone, offer.currency, channel.name AS marketplace, channel.locale
    FROM stock
    JOIN location ON location.id = stock.location_id
    JOIN offer ON offer.id = stock.offer_id
    JOIN variant ON variant.id = offer.variant_id
    JOIN product ON product.id = variant.product_id
    JOIN vendor ON vendor.id = stock.vendor_id
    LEFT JOIN LATERAL (
        SELECT name, locale FROM channel WHERE channel.currency = offer.currency
        ORDER BY code LIMIT 1
    ) channel ON true
    WHERE stock.id = $1
"""
# All that left a sub-order in the same moment; units that have moved on again count all the same.
_REROUTED = """
    SELECT min(reroute.id::text) OVER () AS first_id, sender.name AS from_vendor,
        vendor.name AS vendor, line.name, line.quantity + line.rerouted AS quantity
    FROM reroute told
    JOIN reroute ON (reroute.from_sub_order_id, reroute.at) = (told.from_sub_order_id, told.at)
    JOIN sub_order old ON old.id = reroute.from_sub_order_id
    JOIN vendor sender ON sender.id = old.vendor_id
    JOIN sub_order sub ON sub.id = reroute.to_sub_order_id
    JOIN vendor ON vendor.id = sub.vendor_id
    JOIN order_line line ON line.sub_order_id = sub.id
    WHERE told.id = $1 ORDER BY sub.number, line.position
"""

_DUE = """
    SELECT due_at FROM sla_clock WHERE subject_id = $1 AND kind = $2 AND superseded_at IS NULL
"""
_CLOCK = "SELECT kind, due_at FROM sla_clock WHERE id = $1"
_DELAY = """
    SELECT clock.kind, notice.was_at, notice.new_at, notice.reason
    FROM delay_notice notice JOIN sla_clock clock ON clock.id = notice.clock_id
    WHERE notice.id = $1
"""
_CHARGED = "SELECT captured_minor > 0 FROM payment WHERE order_id = $1"
_LINK = "SELECT expires_at FROM address_correction WHERE id = $1"


async def order(order_id: UUID) -> dict[str, Any]:
    """The order with its sub-orders and their lines; amounts in minor units, times in ISO."""
    found = _plain(await connection().fetchrow(_ORDER, order_id))
    lines = [_plain(row) for row in await connection().fetch(_LINES, order_id)]
    found["sub_orders"] = [
        sub | {"lines": [line for line in lines if line["sub_order_id"] == sub["id"]]}
        for sub in [_plain(row) for row in await connection().fetch(_SUB_ORDERS, order_id)]
    ]
    return found


async def parcel(shipment_id: UUID) -> dict[str, Any]:
    found = _plain(await connection().fetchrow(_PARCEL, shipment_id))
    rows = await connection().fetch(_PARCEL_LINES, shipment_id)
    return found | {"lines": [_plain(row) for row in rows]}


async def refund(refund_id: UUID) -> dict[str, Any]:
    """A refund and what it is for; a line without a name is shipping."""
    found = _plain(await connection().fetchrow(_REFUND, refund_id))
    rows = await connection().fetch(_REFUND_LINES, refund_id)
    return found | {"lines": [_plain(row) for row in rows]}


async def low_stock(stock_id: UUID) -> dict[str, Any]:
    """A stock item, whose it is, and how its vendor reads; pieces as numbers."""
    return _plain(await connection().fetchrow(_LOW_STOCK, stock_id))


async def substitution(substitution_id: UUID) -> dict[str, Any]:
    """What is offered instead of what, by whom, and until when the customer may say."""
    return _plain(await connection().fetchrow(_SUBSTITUTION, substitution_id))


async def rerouted(reroute_id: UUID) -> dict[str, Any]:
    """Who could not send what, and who does now; `first_id` names the moment."""
    rows = [_plain(row) for row in await connection().fetch(_REROUTED, reroute_id)]
    vendors = dict.fromkeys(row["vendor"] for row in rows)
    parts = [
        {"vendor": vendor, "lines": [row for row in rows if row["vendor"] == vendor]}
        for vendor in vendors
    ]
    first = {name: rows[0][name] for name in ("first_id", "from_vendor")}
    return {**first, "parts": parts}


async def clock(clock_id: UUID) -> dict[str, Any]:
    return _plain(await connection().fetchrow(_CLOCK, clock_id))


async def delay(notice_id: UUID) -> dict[str, Any]:
    """What was promised, what is promised now, and why."""
    return _plain(await connection().fetchrow(_DELAY, notice_id))


async def due_at(subject_id: UUID, kind: str) -> str | None:
    due = await connection().fetchval(_DUE, subject_id, kind)
    return None if due is None else str(due.isoformat())


async def was_charged(order_id: UUID) -> bool:
    return bool(await connection().fetchval(_CHARGED, order_id))


async def link_expiry(correction_id: UUID) -> str:
    """Until when a link to correct an address works."""
    return str((await connection().fetchval(_LINK, correction_id)).isoformat())


def _plain(row: Any) -> dict[str, Any]:
    assert row is not None, "an event tells of what does not exist"
    return {name: _value(value) for name, value in dict(row).items()}


def _value(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
