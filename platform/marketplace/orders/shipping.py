"""A vendor hands a parcel over: whole or in part, with its tracking number."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from marketplace.inventory import reserving
from marketplace.kit import idempotency
from marketplace.kit.errors import InvalidInput
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic, connection
from marketplace.orders import breaches, held, locking, moving, packing, parcels
from marketplace.orders.events import SubOrderPartlyShipped, SubOrderShipped
from marketplace.orders.models import OrderLine, Shipment, SubOrder
from marketplace.orders.states import (
    SHIPMENT,
    SUB_ORDER,
    ShipmentMove,
    ShipmentState,
    SubOrderMove,
)
from marketplace.sla import clocks, starting
from marketplace.sla.models import ClockKind
from marketplace.sla.starting import Wanted

OPERATION = "ship"

_SHIP_UNITS = """
    UPDATE order_line SET shipped = shipped + item.units
    FROM unnest($1::uuid[], $2::int[]) AS item (line_id, units)
    WHERE order_line.id = item.line_id
"""
# What was collected has arrived with it.
_TRAVELS = "SELECT delivered_at IS NULL FROM shipment WHERE id = $1"


@atomic()
async def ship(
    *,
    principal: Principal,
    sub_order_id: UUID,
    carrier: str,
    tracking_number: str,
    key: str,
    now: datetime,
    units: Mapping[UUID, int] | None = None,
) -> UUID:
    """Ship units by line, or all that is left; answers with the shipment's id.

    When the last live unit leaves, the sub-order is SHIPPED, its clock stops and the vendor has
    earned it. The same key answers with the shipment it made. Refuses what is not accepted
    (IllegalMove), what is on hold (OnHold), more units than are left or on the shelf, no units,
    and a missing carrier or number.
    """
    carrier, tracking_number = _text("carrier", carrier, 60), _text("number", tracking_number, 64)
    asked = sorted((units or {}).items())
    request = f"{sub_order_id}:{carrier}:{tracking_number}:{asked}"
    locking.refuse_outsiders(principal)
    sub_order = await locking.lock_sub_order(sub_order_id, by=principal)
    shipment_id = new_id(now)
    made = await idempotency.claim(
        by=principal, operation=OPERATION, key=key, request=request, result_id=shipment_id, now=now
    )
    if made is not None:
        return made
    await held.refuse_held(sub_order)
    lines = await OrderLine.filter(sub_order_id=sub_order.id).order_by("position")
    # Where nothing may be shipped, that is what is said, whatever was asked for.
    SUB_ORDER.after(sub_order.state, SubOrderMove.SHIP_REST)
    contents = await packing.choose(sub_order, lines, units, action="shipped")
    await packing.create(
        sub_order,
        contents,
        shipment_id=shipment_id,
        state=ShipmentState.HANDED_OVER,
        carrier=carrier,
        tracking_number=tracking_number,
        shipped_at=now,
        now=now,
    )
    await send(sub_order, shipment_id, contents, by=principal, now=now)
    return shipment_id


@atomic()
async def hand_over(*, principal: Principal, shipment_id: UUID, now: datetime) -> None:
    """The carrier has taken a parcel that was packed before; from now on its units are shipped.

    Refuses what has left (IllegalMove), what is on hold (OnHold), and what has no number
    yet: label it, or type one.
    """
    locking.refuse_outsiders(principal)
    found = await parcels.find(shipment_id, by=principal)
    sub_order = await locking.lock_sub_order(found.sub_order_id, by=principal)
    await held.refuse_held(sub_order)
    await leave(sub_order, await Shipment.get(id=shipment_id), by=principal, now=now)


async def leave(sub_order: SubOrder, shipment: Shipment, *, by: Principal, now: datetime) -> None:
    """The same, of what is locked already."""
    SHIPMENT.after(shipment.state, ShipmentMove.HAND_OVER)
    if not shipment.tracking_number:
        raise InvalidInput("number", "the parcel has none yet", "a label, or a tracking number")
    await parcels.move(shipment, ShipmentMove.HAND_OVER, by=by, now=now)
    await send(sub_order, shipment.id, await parcels.contents(shipment.id), by=by, now=now)


async def send(
    sub_order: SubOrder,
    shipment_id: UUID,
    contents: Mapping[UUID, int],
    *,
    by: Principal,
    now: datetime,
) -> None:
    """What is in a parcel is out of the door: counted, off the shelf, and told."""
    lines = await OrderLine.filter(sub_order_id=sub_order.id)
    left = sum(line.live - line.shipped for line in lines) - sum(contents.values())
    is_rest = left == 0
    step = SubOrderMove.SHIP_REST if is_rest else SubOrderMove.SHIP_PART
    SUB_ORDER.after(sub_order.state, step)
    await connection().execute(_SHIP_UNITS, list(contents), list(contents.values()))
    await reserving.consume(contents, by=by, now=now)
    event = SubOrderShipped if is_rest else SubOrderPartlyShipped
    await moving.move(
        [sub_order],
        step,
        tell=lambda part: event(
            order_id=part.order_id, sub_order_id=part.id, shipment_id=shipment_id
        ),
        by=by,
        now=now,
    )
    if await connection().fetchval(_TRAVELS, shipment_id):
        arrival = Wanted(
            kind=ClockKind.DELIVER_BY,
            subject_id=shipment_id,
            sub_order_id=sub_order.id,
            order_id=sub_order.order_id,
            vendor_id=sub_order.vendor_id,
        )
        await starting.start([arrival], now=now)
    if is_rest:
        late = await clocks.meet(subject_ids=[sub_order.id], kind=ClockKind.SHIP_BY, now=now)
        await breaches.record(late, now=now)


def _text(name: str, value: str, most: int) -> str:
    value = value.strip()
    if not 0 < len(value) <= most:
        raise InvalidInput(name, "it is empty or too long", f"1 to {most} characters")
    return value
