"""News of parcels, from carriers: kept once, and acted on by what all of them say together."""

import logging
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from marketplace.carriers.protocol import Carrier, CarrierNews
from marketplace.inventory.errors import NotOnTheShelf
from marketplace.kit.errors import DomainError
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import delivering, held, locking, losing, parcels, shipping, tracks
from marketplace.orders.models import Shipment, SubOrder, TrackingEvent
from marketplace.orders.states import GONE, PACKED, UNDER_WAY, ShipmentMove
from marketplace.orders.tracks import Scan, TrackingStatus

logger = logging.getLogger(__name__)

# One parcel may hold goods of several orders: their shipments share its number.
_FOUND = """
    SELECT id, sub_order_id FROM shipment
    WHERE carrier = $1 AND tracking_number = $2 AND state NOT IN ('cancelled', 'ready_for_pickup')
    ORDER BY id
"""
_KEEP = """
    INSERT INTO tracking_event
        (id, shipment_id, vendor_id, provider_event_id, status, place, happened_at, received_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
"""
_SCANNED = """
    UPDATE shipment SET validity = 'verified', last_scan_at = greatest(last_scan_at, $2)
    WHERE id = $1
"""
LONGEST_ID = 100
LONGEST_PLACE = 120
LEFT = "The carrier has it"


async def receive(
    *, carrier: Carrier, body: bytes, headers: Mapping[str, str], now: datetime
) -> int:
    """A message to our door: how many of its events were new to us. Safe to repeat.

    Each parcel in a transaction of its own. Numbers and words we do not know are let pass: the
    carrier has done its part. Raises NotTheCarrier for what it did not send. What is refused of
    one parcel is raised after the others' news were kept, so that it is told again.
    """
    news = carrier.read_news(body, headers)
    kept, refused = 0, list[DomainError]()
    for one in news:
        if one.status not in set(TrackingStatus) or not 0 < len(one.event_id) <= LONGEST_ID:
            continue
        async with transaction(SYSTEM, read_only=True):
            rows = await connection().fetch(_FOUND, carrier.name, one.tracking_number)
        for row in rows:
            try:
                kept += await _apply(row["id"], row["sub_order_id"], one, now)
            except DomainError as refusal:
                refused.append(refusal)
    if refused:
        raise refused[0]
    return kept


async def _apply(shipment_id: UUID, sub_order_id: UUID, news: CarrierNews, now: datetime) -> bool:
    async with transaction(SYSTEM):
        sub_order = await locking.lock_sub_order(sub_order_id, by=SYSTEM)
        shipment = await Shipment.get(id=shipment_id)
        place = None if news.place is None else news.place[:LONGEST_PLACE]
        kept = await connection().execute(
            _KEEP, new_id(now), shipment.id, shipment.vendor_id, news.event_id, news.status, place,
            news.happened_at, now,
        )  # fmt: skip
        if kept == "INSERT 0 0":
            return False
        await connection().execute(_SCANNED, shipment.id, news.happened_at)
        if shipment.state in PACKED:
            shipment = await _left(sub_order, shipment, now)
        await _follow(sub_order, shipment, now)
    return True


async def _left(sub_order: SubOrder, shipment: Shipment, now: datetime) -> Shipment:
    """The carrier has what its vendor forgot to say, held or not: no hold keeps it back any more.

    Where the books have none of it on the shelf, the news are kept and the parcel stays as it is:
    a count puts that right, and neither the carrier nor other parcels' news wait for it.
    """
    try:
        async with transaction(SYSTEM):
            await shipping.leave(sub_order, shipment, by=SYSTEM, now=now)
            await held.let_go(sub_order.order_id, note=LEFT, by=SYSTEM, now=now)
    except NotOnTheShelf as refusal:
        logger.warning("parcel %s was scanned, but: %s", shipment.id, refusal.message)
        return await Shipment.get(id=shipment.id)
    return shipment


async def _follow(sub_order: SubOrder, shipment: Shipment, now: datetime) -> None:
    """Bring the parcel to where the news say it is; what was decided of it stays decided."""
    if shipment.state not in (*UNDER_WAY, *GONE) or shipment.resolution is not None:
        return
    events = await TrackingEvent.filter(shipment_id=shipment.id)
    told = tracks.stage(Scan(event.status, event.happened_at) for event in events)
    if told is None:
        return
    for step in tracks.moves(shipment.state, told):
        if step is ShipmentMove.DELIVER:
            await delivering.arrive(sub_order, shipment, by=SYSTEM, now=now)
        else:
            await parcels.move(shipment, step, by=SYSTEM, now=now)
            if shipment.state in GONE:
                await losing.await_answer(shipment, now=now)
