"""Orders as their customer, or the holder of a signed link, may see them.

A page of orders costs as many statements as one order: one for each kind of row.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.catalog.models import CancelUntil
from marketplace.kit.errors import NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import finding, held
from marketplace.orders.states import ShipmentState, SubOrderState
from marketplace.orders.tracks import Resolution, TrackingStatus
from marketplace.orders.views import (
    LineView,
    OrderView,
    RefundView,
    ScanView,
    ShipmentView,
    SubOrderView,
)
from marketplace.payments.models import RefundState

_ORDERS = f"""
    SELECT orders.id, orders.number, orders.version, channel.cancel_until, orders.email,
        orders.customer_name, orders.address, orders.currency, orders.items_minor,
        orders.discount_minor, orders.shipping_minor,
        orders.tax_minor, orders.total_minor, orders.placed_at, sla_clock.due_at AS pay_by,
        payment.captured_minor, payment.refunded_minor,
        {held.IS_HELD} AS is_held
    FROM orders
    JOIN payment ON payment.order_id = orders.id
    JOIN channel ON channel.id = orders.channel_id
    LEFT JOIN sla_clock ON sla_clock.subject_id = orders.id AND sla_clock.kind = 'pay_by'
        AND sla_clock.superseded_at IS NULL
    WHERE {{mine}} AND {{which}}
"""
_ONE = "orders.id = $2"
_PAGE = "($2::uuid IS NULL OR orders.id < $2) ORDER BY orders.id DESC LIMIT $3"
_SUB_ORDERS = """
    SELECT sub_order.id, sub_order.order_id, sub_order.number, sub_order.vendor_id,
        vendor.name AS vendor_name, sub_order.state, sub_order.items_minor,
        sub_order.discount_minor, sub_order.shipping_minor, sub_order.tax_minor,
        sub_order.total_minor, coalesce(sub_order.shipping_method, 'standard') AS shipping_method
    FROM sub_order JOIN vendor ON vendor.id = sub_order.vendor_id
    WHERE sub_order.order_id = ANY($1) ORDER BY length(sub_order.number), sub_order.number
"""
_LINES = """
    SELECT id, sub_order_id, sku, name, quantity, refused, cancelled, shipped, delivered, refunded,
        unit_price_minor, discount_platform_minor + discount_vendor_minor AS discount_minor,
        tax_minor, gross_minor, refunded_minor
    FROM order_line WHERE order_id = ANY($1) AND quantity > 0 ORDER BY sub_order_id, position
"""
_SHIPMENTS = f"""
    SELECT shipment.id, shipment.sub_order_id, shipment.state, shipment.carrier,
        shipment.tracking_number, shipment.created_at, shipment.shipped_at,
        shipment.delivered_at, shipment.resolution, shipment.pickup_code, location.name AS place,
        {held.COLLECT_BY} AS collect_by, held.lasts AS is_on_hold,
        (SELECT jsonb_agg(jsonb_build_object('status', status, 'place', place,
            'happened_at', happened_at) ORDER BY happened_at DESC, id DESC)
            FROM tracking_event WHERE tracking_event.shipment_id = shipment.id) AS scans,
        array_agg(shipment_line.line_id ORDER BY shipment_line.line_id) AS line_ids,
        array_agg(shipment_line.quantity ORDER BY shipment_line.line_id) AS quantities
    FROM shipment JOIN shipment_line ON shipment_line.shipment_id = shipment.id
    LEFT JOIN location ON location.id = shipment.location_id
    {held.PICKUP_HELD}
    WHERE shipment.order_id = ANY($1)
        AND shipment.state NOT IN ('created', 'cancelled')
    GROUP BY shipment.id, location.id, held.took, held.lasts
    ORDER BY shipment.created_at, shipment.id
"""
_REFUNDS = """
    SELECT id, order_id, state, amount_minor, reason, requested_at, finished_at
    FROM refund WHERE order_id = ANY($1) AND amount_minor > 0 ORDER BY requested_at, id
"""


async def find(*, principal: Principal, order_id: UUID) -> OrderView:
    """One order. Refuses somebody else's and one that does not exist with the same NotFound."""
    async with transaction(principal, read_only=True):
        mine, limit = finding.condition(principal)
        rows = await connection().fetch(_ORDERS.format(mine=mine, which=_ONE), limit, order_id)
        if not rows:
            raise NotFound("order")
        [order] = await _whole(rows, by=principal)
    return order


async def page(*, principal: Principal, after: UUID | None, most: int) -> list[OrderView]:
    """A customer's orders, the newest first, from behind `after`."""
    async with transaction(principal, read_only=True):
        mine, limit = finding.condition(principal)
        rows = await connection().fetch(_ORDERS.format(mine=mine, which=_PAGE), limit, after, most)
        return await _whole(rows, by=principal)


async def _whole(rows: Sequence[Mapping[str, Any]], *, by: Principal) -> list[OrderView]:
    """Of a seller that sends nothing, because another one does, only staff hear."""
    by_link, is_staff = by.kind is Kind.TOKEN, by.kind in (Kind.STAFF, Kind.SYSTEM)
    ids = [row["id"] for row in rows]
    lines = _by("sub_order_id", await connection().fetch(_LINES, ids))
    shipments = _by("sub_order_id", await connection().fetch(_SHIPMENTS, ids))
    refunds = _by("order_id", await connection().fetch(_REFUNDS, ids))
    sub_orders = defaultdict(list)
    for row in await connection().fetch(_SUB_ORDERS, ids):
        mine, parcels = lines[row["id"]], shipments[row["id"]]
        if mine or is_staff:
            sub_orders[row["order_id"]].append(_sub_order(row, mine, parcels))
    return [_order(row, sub_orders[row["id"]], refunds[row["id"]], by_link) for row in rows]


def _order(
    row: Mapping[str, Any],
    sub_orders: Sequence[SubOrderView],
    refunds: Sequence[Mapping[str, Any]],
    by_link: bool,
) -> OrderView:
    # The driver hands JSON over as text.
    seen: dict[str, Any] = {**row, "address": json.loads(row["address"])}
    seen["cancel_until"] = CancelUntil(row["cancel_until"])
    if by_link:
        address = {
            key: seen["address"][key] for key in ("city", "country") if key in seen["address"]
        }
        seen |= {"email": None, "customer_name": None, "address": address}
    return OrderView(
        **seen, sub_orders=tuple(sub_orders), refunds=tuple(_refund(refund) for refund in refunds)
    )


def _sub_order(
    row: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    shipments: Sequence[Mapping[str, Any]],
) -> SubOrderView:
    facts = _without(row, "order_id", "state")
    return SubOrderView(
        **facts,
        state=SubOrderState(row["state"]),
        lines=tuple(LineView(**line) for line in lines),
        shipments=tuple(_shipment(shipment) for shipment in shipments),
    )


def _shipment(row: Mapping[str, Any]) -> ShipmentView:
    facts = _without(row, "sub_order_id", "state", "resolution", "scans", "line_ids", "quantities")
    return ShipmentView(
        **facts,
        state=ShipmentState(row["state"]),
        resolution=None if row["resolution"] is None else Resolution(row["resolution"]),
        units=dict(zip(row["line_ids"], row["quantities"], strict=True)),
        scans=tuple(_scan(scan) for scan in json.loads(row["scans"] or "[]")),
    )


def _scan(told: Mapping[str, str]) -> ScanView:
    return ScanView(
        status=TrackingStatus(told["status"]),
        place=told["place"],
        happened_at=datetime.fromisoformat(told["happened_at"]),
    )


def _refund(row: Mapping[str, Any]) -> RefundView:
    return RefundView(**_without(row, "order_id", "state"), state=RefundState(row["state"]))


def _without(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in names}


def _by(column: str, rows: Sequence[Mapping[str, Any]]) -> dict[UUID, list[Mapping[str, Any]]]:
    groups: defaultdict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups
