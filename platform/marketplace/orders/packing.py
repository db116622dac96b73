"""What goes into a parcel, and the parcel's row."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from marketplace.carriers import numbers
from marketplace.kit.errors import NotFound
from marketplace.kit.ids import new_id
from marketplace.orders import parcels, taking_off
from marketplace.orders.errors import NothingToDo, TooManyUnits
from marketplace.orders.models import OrderLine, Shipment, SubOrder
from marketplace.orders.states import ShipmentState
from marketplace.orders.tracks import TrackingValidity


async def choose(
    sub_order: SubOrder,
    lines: Sequence[OrderLine],
    units: Mapping[UUID, int] | None,
    *,
    action: str,
) -> dict[UUID, int]:
    """Units by line for a new parcel, or all that no parcel has yet; the sub-order is locked.

    Refuses lines of others, more than is left, and nothing at all.
    """
    left = taking_off.free_units(lines, await parcels.packed_units(sub_order.order_id))
    skus = {line.id: line.sku for line in lines}
    for line_id, count in (units or {}).items():
        if line_id not in left:
            raise NotFound("order line")
        if not 0 <= count <= left[line_id]:
            raise TooManyUnits(
                sku=skus[line_id], wanted=count, possible=left[line_id], action=action
            )
    wanted = left if units is None else units
    contents = {line_id: count for line_id, count in wanted.items() if count}
    if not contents:
        raise NothingToDo(action="ship")
    return contents


async def create(
    sub_order: SubOrder,
    contents: Mapping[UUID, int],
    *,
    shipment_id: UUID,
    state: ShipmentState,
    carrier: str,
    tracking_number: str,
    now: datetime,
    shipped_at: datetime | None = None,
    location_id: UUID | None = None,
    pickup_code: str | None = None,
    collect_by: datetime | None = None,
) -> Shipment:
    """The parcel with its contents. A parcel that leaves at once is told of by its sub-order."""
    shipment = await Shipment.create(
        id=shipment_id,
        sub_order_id=sub_order.id,
        order_id=sub_order.order_id,
        vendor_id=sub_order.vendor_id,
        state=state,
        carrier=carrier,
        tracking_number=tracking_number,
        validity=validity_of(carrier, tracking_number),
        created_at=now,
        shipped_at=shipped_at,
        location_id=location_id,
        pickup_code=pickup_code,
        collect_by=collect_by,
    )
    await parcels.pack(shipment, contents, [new_id(now) for _ in contents])
    return shipment


def validity_of(carrier: str, tracking_number: str) -> TrackingValidity:
    """Before its first scan: by the look of the number."""
    if not tracking_number:
        return TrackingValidity.MISSING
    if numbers.is_plausible(carrier, tracking_number):
        return TrackingValidity.UNVERIFIED
    return TrackingValidity.INVALID
