"""A vendor hands a parcel over: whole or in part, with its tracking number."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from marketplace.inventory import reserving
from marketplace.kit import idempotency
from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic, connection
from marketplace.orders import breaches, held, locking, moving
from marketplace.orders.errors import NothingToDo, TooManyUnits
from marketplace.orders.events import SubOrderPartlyShipped, SubOrderShipped
from marketplace.orders.models import OrderLine, Shipment, SubOrder
from marketplace.orders.states import SHIPMENT, SUB_ORDER, SubOrderMove
from marketplace.sla import clocks
from marketplace.sla.models import ClockKind

OPERATION = "ship"

_SHIP_UNITS = """
    WITH packed AS (
        INSERT INTO shipment_line (id, shipment_id, line_id, vendor_id, quantity)
        SELECT item.id, $1, item.line_id, $2, item.units
        FROM unnest($3::uuid[], $4::uuid[], $5::int[]) AS item (id, line_id, units)
    )
    UPDATE order_line SET shipped = shipped + item.units
    FROM unnest($4::uuid[], $5::int[]) AS item (line_id, units)
    WHERE order_line.id = item.line_id
"""
_SHIPPED_AT = "UPDATE sub_order SET shipped_at = $2 WHERE id = $1"


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
    parcel = _packed(lines, units)
    is_rest = sum(parcel.values()) == sum(line.live - line.shipped for line in lines)
    step = SubOrderMove.SHIP_REST if is_rest else SubOrderMove.SHIP_PART
    SUB_ORDER.after(sub_order.state, step)
    if not parcel:
        raise NothingToDo(action="ship")

    await _create(shipment_id, sub_order, parcel, carrier, tracking_number, now)
    await reserving.consume(parcel, by=principal, now=now)
    event = SubOrderShipped if is_rest else SubOrderPartlyShipped
    await moving.move(
        [sub_order],
        step,
        tell=lambda part: event(
            order_id=part.order_id, sub_order_id=part.id, shipment_id=shipment_id
        ),
        by=principal,
        now=now,
    )
    if is_rest:
        await connection().execute(_SHIPPED_AT, sub_order.id, now)
        late = await clocks.meet(subject_ids=[sub_order.id], kind=ClockKind.SHIP_BY, now=now)
        await breaches.record(late, now=now)
    return shipment_id


async def _create(
    shipment_id: UUID,
    sub_order: SubOrder,
    parcel: Mapping[UUID, int],
    carrier: str,
    tracking_number: str,
    now: datetime,
) -> None:
    await Shipment.create(
        id=shipment_id,
        sub_order_id=sub_order.id,
        order_id=sub_order.order_id,
        vendor_id=sub_order.vendor_id,
        state=SHIPMENT.start,
        carrier=carrier,
        tracking_number=tracking_number,
        shipped_at=now,
    )
    await connection().execute(
        _SHIP_UNITS,
        shipment_id,
        sub_order.vendor_id,
        [new_id(now) for _ in parcel],
        list(parcel),
        list(parcel.values()),
    )


def _packed(lines: list[OrderLine], units: Mapping[UUID, int] | None) -> dict[UUID, int]:
    left = {line.id: line.live - line.shipped for line in lines}
    if units is None:
        return {line_id: count for line_id, count in left.items() if count}
    skus = {line.id: line.sku for line in lines}
    for line_id, count in units.items():
        if line_id not in left:
            raise NotFound("order line")
        if not 0 <= count <= left[line_id]:
            raise TooManyUnits(
                sku=skus[line_id], wanted=count, possible=left[line_id], action="shipped"
            )
    return {line_id: count for line_id, count in units.items() if count}


def _text(name: str, value: str, most: int) -> str:
    value = value.strip()
    if not 0 < len(value) <= most:
        raise InvalidInput(name, "it is empty or too long", f"1 to {most} characters")
    return value
