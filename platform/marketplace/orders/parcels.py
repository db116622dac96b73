"""Parcels: the one place where their state column is written, and what is in them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import connection
from marketplace.orders import history
from marketplace.orders.history import Change
from marketplace.orders.models import Shipment
from marketplace.orders.shipment_events import (
    ShipmentCancelled,
    ShipmentCollected,
    ShipmentCreated,
    ShipmentDelivered,
    ShipmentEvent,
    ShipmentHandedOver,
    ShipmentInTransit,
    ShipmentInTrouble,
    ShipmentLabelled,
    ShipmentLost,
    ShipmentOutForDelivery,
    ShipmentReadyForPickup,
    ShipmentReturned,
)
from marketplace.orders.states import (
    ARRIVED,
    PACKED,
    SHIPMENT,
    UNDER_WAY,
    ShipmentMove,
    ShipmentState,
)

TELLS: Mapping[ShipmentState, type[ShipmentEvent]] = {
    ShipmentState.CREATED: ShipmentCreated,
    ShipmentState.LABELLED: ShipmentLabelled,
    ShipmentState.HANDED_OVER: ShipmentHandedOver,
    ShipmentState.IN_TRANSIT: ShipmentInTransit,
    ShipmentState.OUT_FOR_DELIVERY: ShipmentOutForDelivery,
    ShipmentState.EXCEPTION: ShipmentInTrouble,
    ShipmentState.DELIVERED: ShipmentDelivered,
    ShipmentState.LOST: ShipmentLost,
    ShipmentState.RETURNED_TO_SENDER: ShipmentReturned,
    ShipmentState.READY_FOR_PICKUP: ShipmentReadyForPickup,
    ShipmentState.COLLECTED: ShipmentCollected,
    ShipmentState.CANCELLED: ShipmentCancelled,
}
CREATED = "create"  # in a history, the move of what has no state before it

# $3: out of the door since, $4: arrived. What was found again has been out all the time.
_MOVE = """
    UPDATE shipment SET state = $2, shipped_at = coalesce(shipped_at, $3), delivered_at = $4
    WHERE id = $1
"""
_PACKED = """
    SELECT item.line_id, sum(item.quantity)::int AS units
    FROM shipment JOIN shipment_line item ON item.shipment_id = shipment.id
    WHERE shipment.order_id = $1 AND shipment.state = ANY($2) GROUP BY item.line_id
"""
_CONTENTS = "SELECT line_id, quantity FROM shipment_line WHERE shipment_id = $1 ORDER BY line_id"
_PACK = """
    INSERT INTO shipment_line (id, shipment_id, line_id, vendor_id, quantity)
    SELECT item.id, $1, item.line_id, $2, item.units
    FROM unnest($3::uuid[], $4::uuid[], $5::int[]) AS item (id, line_id, units)
"""


async def move(
    shipment: Shipment,
    step: ShipmentMove,
    *,
    by: Principal,
    now: datetime,
    reason: str | None = None,
) -> None:
    """Move a parcel whose order is locked, with its history and its event, or not at all.

    Refuses a move that the table does not list (IllegalMove).
    """
    before, after = shipment.state, SHIPMENT.after(shipment.state, step)
    is_out = after in UNDER_WAY or after in ARRIVED
    shipment.state = after
    shipment.shipped_at = shipment.shipped_at or (now if is_out else None)
    shipment.delivered_at = now if after in ARRIVED else None
    await connection().execute(
        _MOVE, shipment.id, after, shipment.shipped_at, shipment.delivered_at
    )
    await tell(shipment, before=before, step=step, by=by, now=now, reason=reason)


async def tell(
    shipment: Shipment,
    *,
    before: ShipmentState | None,
    step: str,
    by: Principal,
    now: datetime,
    reason: str | None = None,
) -> None:
    """The history and the event of the state that a parcel has come to."""
    change = Change(
        subject="shipment",
        subject_id=shipment.id,
        vendor_id=shipment.vendor_id,
        from_state=before,
        to_state=shipment.state,
        move=step,
        event=TELLS[shipment.state](
            order_id=shipment.order_id,
            sub_order_id=shipment.sub_order_id,
            shipment_id=shipment.id,
        ),
    )
    await history.record_changes([change], by=by, now=now, reason=reason)


async def packed_units(order_id: UUID) -> dict[UUID, int]:
    """Units by line that are in parcels which have not left: nobody packs or cancels them again."""
    rows = await connection().fetch(_PACKED, order_id, list(PACKED))
    return {row["line_id"]: row["units"] for row in rows}


async def contents(shipment_id: UUID) -> dict[UUID, int]:
    rows = await connection().fetch(_CONTENTS, shipment_id)
    return {row["line_id"]: row["quantity"] for row in rows}


async def pack(shipment: Shipment, units: Mapping[UUID, int], ids: Sequence[UUID]) -> None:
    """Write what is in a new parcel; `ids` are one for each line."""
    await connection().execute(
        _PACK, shipment.id, shipment.vendor_id, list(ids), list(units), list(units.values())
    )


async def find(shipment_id: UUID, *, by: Principal, also: Collection[Kind] = ()) -> Shipment:
    """A parcel as far as its vendor, staff and the system may see it; a signed link if `also`.

    Read without a lock, to learn its order: read it again once that is locked.
    """
    mine = Shipment.filter(id=shipment_id)
    match by.kind:
        case Kind.VENDOR:
            mine = mine.filter(vendor_id=by.vendor_id)
        case Kind.STAFF | Kind.SYSTEM:
            pass
        case Kind.TOKEN if Kind.TOKEN in also:
            mine = mine.filter(order_id=by.id)
        case _:
            raise NotFound("shipment")
    shipment = await mine.first()
    if shipment is None:
        raise NotFound("shipment")
    return shipment
