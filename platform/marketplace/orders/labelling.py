"""Parcels that wait for their carrier: packed, labelled by it, and taken apart again."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from marketplace.carriers.protocol import Carrier, Label, LabelRequest
from marketplace.inventory import shortening
from marketplace.kit import idempotency
from marketplace.kit.errors import InvalidInput
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.kit.transactions import atomic, connection, transaction
from marketplace.orders import held, locking, moving, packing, parcels, preparing, taking_off
from marketplace.orders.events import SubOrderReady
from marketplace.orders.models import Order, OrderLine, Shipment, SubOrder
from marketplace.orders.states import (
    SUB_ORDER,
    ShipmentMove,
    ShipmentState,
    SubOrderMove,
    SubOrderState,
)
from marketplace.orders.tracks import TrackingValidity
from marketplace.sla import clocks

OPERATION = "pack"

_LABELLED = "UPDATE shipment SET tracking_number = $2, validity = $3, label = $4 WHERE id = $1"
_SENDER = "SELECT name FROM vendor WHERE id = $1"


@atomic()
async def pack(
    *,
    principal: Principal,
    sub_order_id: UUID,
    carrier: str,
    key: str,
    now: datetime,
    units: Mapping[UUID, int] | None = None,
) -> UUID:
    """Pack units by line, or all that is left, for a carrier that makes labels; the parcel's id.

    Its label is asked for after this has committed. Nothing of it has left yet. The sub-order is
    in preparation from now on, and READY when everything is packed. The same key answers with the
    parcel it made. Refuses what `shipping.ship` refuses.
    """
    locking.refuse_outsiders(principal)
    if not 0 < len(carrier) <= 60:
        raise InvalidInput("carrier", "it is empty or too long", "1 to 60 characters")
    sub_order = await locking.lock_sub_order(sub_order_id, by=principal)
    shipment_id = new_id(now)
    request = f"{sub_order_id}:{carrier}:{sorted((units or {}).items())}"
    made = await idempotency.claim(
        by=principal, operation=OPERATION, key=key, request=request, result_id=shipment_id, now=now
    )
    if made is not None:
        return made
    await held.refuse_held(sub_order)
    SUB_ORDER.after(sub_order.state, SubOrderMove.SHIP_REST)
    lines = await OrderLine.filter(sub_order_id=sub_order.id).order_by("position")
    contents = await packing.choose(sub_order, lines, units, action="packed")
    shipment = await packing.create(
        sub_order, contents, shipment_id=shipment_id, state=ShipmentState.CREATED,
        carrier=carrier, tracking_number="", now=now,
    )  # fmt: skip
    await parcels.tell(shipment, before=None, step=parcels.CREATED, by=principal, now=now)
    await _advance(sub_order, lines, by=principal, now=now)
    return shipment_id


async def label(*, shipment_id: UUID, carrier: Carrier, now: datetime) -> None:
    """Ask the carrier for a parcel's label, and keep it. Call it outside any transaction.

    The parcel is its key: asked twice, also at once, the carrier gives the same label. Does
    nothing to one that has its label, was taken apart, or is not this carrier's. Raises
    CarrierUnavailable.
    """
    async with transaction(SYSTEM, read_only=True):
        shipment = await parcels.find(shipment_id, by=SYSTEM)
        order = await Order.get(id=shipment.order_id)
        sender = await connection().fetchval(_SENDER, shipment.vendor_id)
    if shipment.state is not ShipmentState.CREATED or shipment.carrier != carrier.name:
        return
    made = await carrier.create_label(_request(shipment, order, sender))
    async with transaction(SYSTEM):
        await locking.lock_sub_order(shipment.sub_order_id, by=SYSTEM)
        await _keep(await Shipment.get(id=shipment_id), made, now)


@atomic()
async def unpack(*, principal: Principal, shipment_id: UUID, now: datetime) -> None:
    """Take a parcel apart that has not left: its units may be packed, or cancelled, again.

    Those that were found to be missing meanwhile are told of (`stock.short`). Refuses (IllegalMove)
    what has left.
    """
    locking.refuse_outsiders(principal)
    found = await parcels.find(shipment_id, by=principal)
    await locking.lock_sub_order(found.sub_order_id, by=principal)
    shipment = await Shipment.get(id=shipment_id)
    await parcels.move(shipment, ShipmentMove.CANCEL, by=principal, now=now)
    await clocks.void(subject_ids=[shipment.id], now=now)  # nobody comes for it any more
    await shortening.tell_again(await parcels.contents(shipment.id), now=now)


async def _advance(
    sub_order: SubOrder, lines: list[OrderLine], *, by: Principal, now: datetime
) -> None:
    if sub_order.state is SubOrderState.ACCEPTED:
        await preparing.begin(sub_order, by=by, now=now)
    free = taking_off.free_units(lines, await parcels.packed_units(sub_order.order_id))
    if sub_order.state is SubOrderState.PREPARING and not any(free.values()):
        await moving.move(
            [sub_order],
            SubOrderMove.MAKE_READY,
            tell=lambda part: SubOrderReady(order_id=part.order_id, sub_order_id=part.id),
            by=by,
            now=now,
        )


async def _keep(shipment: Shipment, made: Label, now: datetime) -> None:
    if shipment.state is not ShipmentState.CREATED:
        return  # labelled by a twin, or taken apart meanwhile
    await connection().execute(
        _LABELLED, shipment.id, made.tracking_number, TrackingValidity.UNVERIFIED, made.data
    )
    await parcels.move(shipment, ShipmentMove.LABEL, by=SYSTEM, now=now)


def _request(shipment: Shipment, order: Order, sender: str) -> LabelRequest:
    of = order.address.get
    town = f"{of('postal_code', '')} {of('city', '')}".strip()
    lines = [order.customer_name, of("line1"), of("line2"), town, of("region"), of("country")]
    return LabelRequest(
        key=shipment.id,
        sender=sender,
        recipient=[line for line in lines if line],
        country=of("country", ""),
    )
