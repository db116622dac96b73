"""Parcels on their way: packed, handed over, told of by their carrier."""

from datetime import timedelta
from uuid import UUID

from marketplace.carriers import simulated
from marketplace.carriers.protocol import CarrierNews
from marketplace.carriers.simulated import SimulatedCarrier
from marketplace.kit.transactions import connection
from marketplace.orders import labelling, shipping, tracking
from marketplace.orders.models import Shipment, SubOrder
from marketplace.orders.states import ShipmentState, SubOrderState
from marketplace.orders.tracks import TrackingStatus
from settlement.invariants.checking import check_all
from tests.factories import NOON, member
from tests.orders.living import accept, key, line_of, paid

S, P, T = SubOrderState, ShipmentState, TrackingStatus
CARRIER = SimulatedCarrier(secret="a secret of the tests, long enough")
HOUR = timedelta(hours=1)


async def accepted(quantity: int = 3, *, on_hand: int = 20) -> SubOrder:
    part = await paid(quantity, on_hand=on_hand)
    await accept(part)
    return part


async def parcel_of(shipment_id: UUID) -> Shipment:
    return await Shipment.get(id=shipment_id)


async def pack(part: SubOrder, units: int | None = None) -> UUID:
    line = await line_of(part)
    shipment_id = await labelling.pack(
        principal=member(part.vendor_id), sub_order_id=part.id, carrier=simulated.NAME, key=key(),
        units=None if units is None else {line.id: units}, now=NOON,
    )  # fmt: skip
    await labelling.label(shipment_id=shipment_id, carrier=CARRIER, now=NOON)
    return shipment_id


async def sent(part: SubOrder, units: int | None = None) -> Shipment:
    """With the simulated carrier, and out of the door."""
    shipment_id = await pack(part, units)
    await shipping.hand_over(principal=member(part.vendor_id), shipment_id=shipment_id, now=NOON)
    return await parcel_of(shipment_id)


async def tell(
    parcel: Shipment, status: TrackingStatus, *, hours: int = 1, event_id: str = ""
) -> int:
    news = CarrierNews(
        event_id=event_id or key(),
        tracking_number=parcel.tracking_number,
        status=status,
        place="Depot",
        happened_at=NOON + hours * HOUR,
    )
    body, headers = CARRIER.write_news([news])
    return await tracking.receive(carrier=CARRIER, body=body, headers=headers, now=NOON)


async def sound() -> None:
    assert (await check_all(connection())).violations == ()
