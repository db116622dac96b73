"""A parcel has arrived: somebody says so, or nobody said anything for long enough."""

from datetime import datetime
from uuid import UUID

from marketplace.kit import one_by_one
from marketplace.kit.errors import IllegalMove
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import atomic, connection, transaction
from marketplace.orders import breaches, finishing, locking, parcels
from marketplace.orders.models import Shipment, SubOrder
from marketplace.orders.states import ShipmentMove
from marketplace.sla import clocks
from marketplace.sla.models import ClockKind

NO_NEWS = "no news for so long that it counts as delivered"

_DELIVER_UNITS = """
    UPDATE order_line SET delivered = delivered + item.quantity
    FROM shipment_line item WHERE item.shipment_id = $1 AND order_line.id = item.line_id
"""
# Trouble is news: a parcel in it waits for somebody. The shortest wait of any channel finds the
# candidates by the index; each channel's own decides.
_SILENT = """
    SELECT shipment.id FROM shipment
    JOIN orders ON orders.id = shipment.order_id
    JOIN channel ON channel.id = orders.channel_id
    WHERE shipment.state IN ('handed_over', 'in_transit', 'out_for_delivery')
        AND coalesce(shipment.last_scan_at, shipment.shipped_at)
            < $1::timestamptz - (SELECT min(delivered_after_days) FROM channel) * interval '1 day'
        AND coalesce(shipment.last_scan_at, shipment.shipped_at)
            < $1::timestamptz - channel.delivered_after_days * interval '1 day'
    ORDER BY coalesce(shipment.last_scan_at, shipment.shipped_at) LIMIT $2
"""
_STILL_SILENT = """
    SELECT shipment.state IN ('handed_over', 'in_transit', 'out_for_delivery')
        AND coalesce(last_scan_at, shipped_at)
            < $2::timestamptz - delivered_after_days * interval '1 day'
    FROM shipment JOIN orders ON orders.id = order_id JOIN channel ON channel.id = channel_id
    WHERE shipment.id = $1
"""


@atomic()
async def deliver(*, principal: Principal, shipment_id: UUID, now: datetime) -> None:
    """Mark a shipment delivered; with the last live unit its sub-order is DELIVERED.

    A vendor says so of its own shipments, a signed link of its own order's, staff of any; others
    find no such shipment. Saying it twice is refused (IllegalMove) and changes nothing, and so is
    finding a lost one after it was decided how to go on without it.
    """
    if principal.kind is not Kind.TOKEN:
        locking.refuse_outsiders(principal)
    found = await parcels.find(shipment_id, by=principal, also=(Kind.TOKEN,))
    sub_order = await locking.lock_sub_order(found.sub_order_id, by=principal)
    await arrive(sub_order, await Shipment.get(id=shipment_id), by=principal, now=now)


async def arrive(
    sub_order: SubOrder,
    shipment: Shipment,
    *,
    by: Principal,
    now: datetime,
    reason: str | None = None,
) -> None:
    """The same, of what is locked already."""
    if shipment.resolution is not None:
        raise IllegalMove("shipment", shipment.resolution, ShipmentMove.DELIVER)
    await parcels.move(shipment, ShipmentMove.DELIVER, by=by, now=now, reason=reason)
    late = await clocks.meet(subject_ids=[shipment.id], kind=ClockKind.DELIVER_BY, now=now)
    await breaches.record(late, now=now)
    await clocks.void(subject_ids=[shipment.id], kinds=[ClockKind.ANSWER_BY], now=now)
    await count_delivered(sub_order, shipment, by=by, now=now)


async def count_delivered(
    sub_order: SubOrder, shipment: Shipment, *, by: Principal, now: datetime
) -> None:
    await connection().execute(_DELIVER_UNITS, shipment.id)
    await finishing.finish(sub_order, by=by, now=now)


async def deliver_silent(*, now: datetime, limit: int = 100) -> int:
    """Parcels whose last scan is older than their channel waits count as delivered; how many did.

    Any number of workers may do so at once: each parcel is looked at again under its lock.
    """
    async with transaction(SYSTEM, read_only=True):
        rows = await connection().fetch(_SILENT, now, limit)

    async def deliver_one(shipment_id: UUID) -> bool:
        return await _deliver_silent(shipment_id, now)

    ids = (row["id"] for row in rows)
    return await one_by_one.each(ids, deliver_one, what="taking for delivered the parcel")


async def _deliver_silent(shipment_id: UUID, now: datetime) -> bool:
    async with transaction(SYSTEM):
        shipment = await parcels.find(shipment_id, by=SYSTEM)
        sub_order = await locking.lock_sub_order(shipment.sub_order_id, by=SYSTEM)
        if not await connection().fetchval(_STILL_SILENT, shipment.id, now):
            return False
        shipment = await Shipment.get(id=shipment.id)
        await arrive(sub_order, shipment, by=SYSTEM, now=now, reason=NO_NEWS)
    return True
