"""A parcel has arrived."""

from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import atomic, connection
from marketplace.orders import history, locking, moving
from marketplace.orders.events import ShipmentDelivered, SubOrderDelivered
from marketplace.orders.history import Change
from marketplace.orders.models import OrderLine, Shipment, SubOrder
from marketplace.orders.states import SHIPMENT, ShipmentMove, SubOrderMove, SubOrderState

_DELIVER_UNITS = """
    UPDATE order_line SET delivered = delivered + item.quantity
    FROM shipment_line item WHERE item.shipment_id = $1 AND order_line.id = item.line_id
"""
_SHIPMENT_DELIVERED = "UPDATE shipment SET state = $2, delivered_at = $3 WHERE id = $1"
_DELIVERED_AT = "UPDATE sub_order SET delivered_at = $2 WHERE id = $1"


@atomic()
async def deliver(*, principal: Principal, shipment_id: UUID, now: datetime) -> None:
    """Mark a shipment delivered; with the last live unit its sub-order is DELIVERED.

    A vendor says so of its own shipments, a signed link of its own order's, staff of any; others
    find no such shipment. Saying it twice is refused (IllegalMove) and changes nothing.
    """
    shipment = await _found(principal, shipment_id)
    sub_order = await locking.lock_sub_order(shipment.sub_order_id, by=principal)
    await shipment.refresh_from_db()
    state = SHIPMENT.after(shipment.state, ShipmentMove.DELIVER)
    await connection().execute(_SHIPMENT_DELIVERED, shipment.id, state, now)
    await connection().execute(_DELIVER_UNITS, shipment.id)
    change = Change(
        subject="shipment",
        subject_id=shipment.id,
        vendor_id=shipment.vendor_id,
        from_state=shipment.state,
        to_state=state,
        move=ShipmentMove.DELIVER,
        event=ShipmentDelivered(
            order_id=shipment.order_id, sub_order_id=sub_order.id, shipment_id=shipment.id
        ),
    )
    await history.record_changes([change], by=principal, now=now)
    await _finish(sub_order, principal, now)


async def _found(principal: Principal, shipment_id: UUID) -> Shipment:
    mine = Shipment.filter(id=shipment_id)
    match principal.kind:
        case Kind.VENDOR:
            mine = mine.filter(vendor_id=principal.vendor_id)
        case Kind.TOKEN:
            mine = mine.filter(order_id=principal.id)
        case Kind.CUSTOMER | Kind.GUEST:
            raise NotFound("shipment")
        case _:
            pass
    shipment = await mine.first()
    if shipment is None:
        raise NotFound("shipment")
    return shipment


async def _finish(sub_order: SubOrder, principal: Principal, now: datetime) -> None:
    if sub_order.state is not SubOrderState.SHIPPED:
        return
    lines = await OrderLine.filter(sub_order_id=sub_order.id)
    if any(line.delivered < line.live for line in lines):
        return
    await moving.move(
        [sub_order],
        SubOrderMove.DELIVER,
        tell=lambda part: SubOrderDelivered(order_id=part.order_id, sub_order_id=part.id),
        by=principal,
        now=now,
    )
    await connection().execute(_DELIVERED_AT, sub_order.id, now)
