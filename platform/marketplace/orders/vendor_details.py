"""One sub-order as its vendor sees it: what to send where, by when, for how much, and its story."""

import json
from typing import Any
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.ids import day_before
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from marketplace.orders import held
from marketplace.orders.states import PACKED, ShipmentState, SubOrderState
from marketplace.orders.tracks import Resolution, TrackingValidity
from marketplace.orders.vendor_money import vendor_money
from marketplace.orders.vendor_views import Deadline, Happened, Line, Parcel, SubOrderDetails
from marketplace.sla.models import ClockKind, PauseCause

# The customer's e-mail address is the marketplace's business, not the vendor's: it is not read.
_SUB_ORDER = """
    SELECT sub_order.id, sub_order.order_id, sub_order.number, sub_order.state, sub_order.version,
        sub_order.shipped_at, sub_order.currency, sub_order.placed_at, sub_order.tax_inclusive,
        sub_order.tax_liable, sub_order.shipping_minor, sub_order.shipping_vendor_minor,
        coalesce(sub_order.shipping_method, 'standard') AS shipping_method,
        sub_order.shipping_refunded_minor, sub_order.tax_minor, sub_order.total_minor,
        orders.customer_name, orders.address, vendor.name AS vendor_name,
        EXISTS (SELECT 1 FROM sla_pause pause WHERE pause.order_id = sub_order.order_id
            AND pause.cause = 'hold' AND pause.resumed_at IS NULL
            AND (pause.subject_id IS NULL OR pause.subject_id = sub_order.id)) AS is_on_hold
    FROM sub_order
    JOIN orders ON orders.id = sub_order.order_id
    JOIN vendor ON vendor.id = sub_order.vendor_id
    WHERE sub_order.vendor_id = $1 AND sub_order.id = $2 AND sub_order.released_at IS NOT NULL
"""
_LINES = """
    SELECT id, sku, name, quantity, refused, cancelled, shipped, delivered, refunded,
        unit_price_minor, items_minor, discount_platform_minor, discount_vendor_minor,
        funding_minor, vendor_minor, commission_minor, commission_vat_minor, commission_ppm,
        refunded_vendor_minor, refunded_commission_minor, refunded_commission_vat_minor
    FROM order_line WHERE vendor_id = $1 AND sub_order_id = $2 ORDER BY position
"""
_SHIPMENTS = f"""
    SELECT shipment.id, shipment.state, shipment.carrier, shipment.tracking_number,
        shipment.created_at, shipment.shipped_at, shipment.delivered_at, shipment.validity,
        shipment.label, shipment.resolution, {held.COLLECT_BY} AS collect_by,
        array_agg(line.name ORDER BY line.position) AS names,
        array_agg(packed.quantity ORDER BY line.position) AS quantities
    FROM shipment
    JOIN shipment_line packed ON packed.shipment_id = shipment.id AND packed.vendor_id = $1
    JOIN order_line line ON line.id = packed.line_id AND line.vendor_id = $1
    {held.PICKUP_HELD}
    WHERE shipment.vendor_id = $1 AND shipment.sub_order_id = $2
    GROUP BY shipment.id, held.took ORDER BY shipment.created_at, shipment.id
"""
_PACKED = """
    SELECT item.line_id, sum(item.quantity)::int AS units
    FROM shipment JOIN shipment_line item ON item.shipment_id = shipment.id
    WHERE shipment.vendor_id = $1 AND shipment.sub_order_id = $2 AND shipment.state = ANY($3)
    GROUP BY item.line_id
"""
_PLACES = "SELECT id, name FROM location WHERE vendor_id = $1 ORDER BY priority, name"
_CLOCKS = """
    SELECT clock.kind, clock.due_at, clock.met_at, clock.breached_at, clock.promised_at,
        pause.cause AS paused_for
    FROM sla_clock clock LEFT JOIN LATERAL (
        SELECT cause FROM sla_pause
        WHERE clock.state = 'paused' AND sla_pause.order_id = clock.order_id
            AND resumed_at IS NULL AND (subject_id IS NULL OR subject_id = $2)
        ORDER BY paused_at LIMIT 1
    ) pause ON true
    WHERE clock.vendor_id = $1 AND clock.subject_id = $2 AND clock.superseded_at IS NULL
"""
# Only its own people have names for a vendor. Months before the order are not looked into.
_CHANGES = """
    SELECT change.subject, change.subject_id, change.move, change.actor, change.reason, change.at,
        person.name AS actor_name
    FROM state_change change
    LEFT JOIN vendor_member member
        ON member.vendor_id = $1 AND change.actor = 'vendor:' || member.user_id
    LEFT JOIN app_user person ON person.id = member.user_id
    WHERE change.vendor_id = $1 AND change.order_id = $3 AND change.id >= $4
        AND (change.subject = 'sub_order' AND change.subject_id = $2
            OR change.subject = 'shipment' AND change.subject_id IN (
                SELECT id FROM shipment WHERE vendor_id = $1 AND sub_order_id = $2))
    ORDER BY change.at, change.id
"""


async def details(*, principal: Principal, sub_order_id: UUID) -> SubOrderDetails:
    """NotFound for what is not the vendor's, and for what is not paid for yet."""
    vendor_id = principal.vendor_id
    assert vendor_id is not None, principal
    # One moment for all of the page: its parts must agree.
    async with transaction(principal, read_only=True, isolation="REPEATABLE READ") as connection:
        row = await connection.fetchrow(_SUB_ORDER, vendor_id, sub_order_id)
        if row is None:
            raise NotFound("sub-order")
        lines = await connection.fetch(_LINES, vendor_id, sub_order_id)
        parcels = await connection.fetch(_SHIPMENTS, vendor_id, sub_order_id)
        packed = await connection.fetch(_PACKED, vendor_id, sub_order_id, list(PACKED))
        places = await connection.fetch(_PLACES, vendor_id)
        clocks = await connection.fetch(_CLOCKS, vendor_id, sub_order_id)
        order_id = row["order_id"]
        changes = await connection.fetch(
            _CHANGES, vendor_id, sub_order_id, order_id, day_before(order_id)
        )
    return SubOrderDetails(
        id=row["id"],
        order_id=row["order_id"],
        number=row["number"],
        vendor_name=row["vendor_name"],
        state=SubOrderState(row["state"]),
        version=row["version"],
        is_earned=row["shipped_at"] is not None,
        is_on_hold=row["is_on_hold"],
        placed_at=row["placed_at"],
        shipping_method=row["shipping_method"],
        customer_name=row["customer_name"],
        address=json.loads(row["address"]),
        lines=[_line(line, row["currency"]) for line in lines],
        parcels=[_parcel(parcel) for parcel in parcels],
        packed={item["line_id"]: item["units"] for item in packed},
        places=[(str(place["id"]), place["name"]) for place in places],
        deadlines={
            ClockKind(clock["kind"]): Deadline(
                due_at=clock["due_at"],
                met_at=clock["met_at"],
                breached_at=clock["breached_at"],
                promised_at=clock["promised_at"],
                paused_for=PauseCause(clock["paused_for"]) if clock["paused_for"] else None,
            )
            for clock in clocks
        },
        changes=[Happened(**change) for change in changes],
        money=vendor_money(row, lines),
    )


def _line(row: Any, currency: str) -> Line:
    counts = ("quantity", "refused", "cancelled", "shipped", "delivered", "refunded")
    return Line(
        id=row["id"],
        sku=row["sku"],
        name=row["name"],
        unit_price=Money(row["unit_price_minor"], currency),
        items=Money(row["items_minor"], currency),
        **{name: row[name] for name in counts},
    )


def _parcel(row: Any) -> Parcel:
    return Parcel(
        id=row["id"],
        state=ShipmentState(row["state"]),
        carrier=row["carrier"],
        tracking_number=row["tracking_number"],
        created_at=row["created_at"],
        shipped_at=row["shipped_at"],
        delivered_at=row["delivered_at"],
        validity=TrackingValidity(row["validity"]),
        label=row["label"],
        resolution=None if row["resolution"] is None else Resolution(row["resolution"]),
        collect_by=row["collect_by"],
        contents=list(zip(row["names"], row["quantities"], strict=True)),
    )
