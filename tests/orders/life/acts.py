"""What people and time do with an order and its parcels."""

from datetime import timedelta
from typing import Any

from marketplace.carriers import simulated
from marketplace.carriers.protocol import CarrierNews
from marketplace.carriers.simulated import SimulatedCarrier
from marketplace.inventory.models import Location
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.orders import (
    accepting,
    answering,
    calling_off,
    closing,
    collecting,
    deadlines,
    delivering,
    labelling,
    losing,
    preparing,
    refunding,
    shipping,
    tracking,
)
from marketplace.orders.tracks import Resolution, TrackingStatus
from marketplace.payments.models import Payment
from tests import factories
from tests.factories import member
from tests.orders.life.order import Life, Nothing
from tests.orders.living import STAFF, key

CARRIER = SimulatedCarrier(secret="a secret of the tests, long enough")


async def pay(life: Life, which: int, parcel: int, units: int) -> None:
    if (await Payment.get(order_id=life.order_id)).captured_minor:
        raise Nothing
    await factories.pay(life.order_id, now=life.now)


async def accept(life: Life, which: int, parcel: int, units: int) -> None:
    part, line = await life.part(which), await life.line(which)
    refused = {line.id: min(units - 1, line.live)} if units > 1 else {}
    await accepting.accept(
        principal=member(part.vendor_id), sub_order_id=part.id, refused=refused, reason="broken",
        now=life.now,
    )  # fmt: skip


async def prepare(life: Life, which: int, parcel: int, units: int) -> None:
    part = await life.part(which)
    step = preparing.start if units == 1 else preparing.make_ready
    await step(principal=member(part.vendor_id), sub_order_id=part.id, now=life.now)


async def ship(life: Life, which: int, parcel: int, units: int) -> None:
    part, line = await life.part(which), await life.line(which)
    await shipping.ship(
        principal=member(part.vendor_id), sub_order_id=part.id, units={line.id: units},
        carrier="Post", tracking_number=key(), key=key(), now=life.now,
    )  # fmt: skip


async def pack(life: Life, which: int, parcel: int, units: int) -> None:
    part, line = await life.part(which), await life.line(which)
    shipment_id = await labelling.pack(
        principal=member(part.vendor_id), sub_order_id=part.id, units={line.id: units},
        carrier=simulated.NAME, key=key(), now=life.now,
    )  # fmt: skip
    await labelling.label(shipment_id=shipment_id, carrier=CARRIER, now=life.now)


async def hand_over(life: Life, which: int, parcel: int, units: int) -> None:
    shipment = await life.parcel(parcel)
    await shipping.hand_over(principal=SYSTEM, shipment_id=shipment.id, now=life.now)


async def unpack(life: Life, which: int, parcel: int, units: int) -> None:
    shipment = await life.parcel(parcel)
    await labelling.unpack(principal=SYSTEM, shipment_id=shipment.id, now=life.now)


async def scan(life: Life, which: int, parcel: int, units: int) -> None:
    """Any news of any parcel of the simulated carrier, some of them late."""
    shipment = await life.parcel(parcel)
    statuses = list(TrackingStatus)
    news = CarrierNews(
        event_id=key(), tracking_number=shipment.tracking_number,
        status=statuses[(which * 3 + units) % len(statuses)], place=None,
        happened_at=life.now - timedelta(hours=which * 40),
    )  # fmt: skip
    body, headers = CARRIER.write_news([news])
    await tracking.receive(carrier=CARRIER, body=body, headers=headers, now=life.now)


async def deliver(life: Life, which: int, parcel: int, units: int) -> None:
    shipment = await life.parcel(parcel)
    customer = Principal(Kind.TOKEN, id=life.order_id)
    await delivering.deliver(principal=customer, shipment_id=shipment.id, now=life.now)


async def lose(life: Life, which: int, parcel: int, units: int) -> None:
    shipment = await life.parcel(parcel)
    await losing.report(
        principal=STAFF, shipment_id=shipment.id, came_back=bool(which), reason="told",
        now=life.now,
    )  # fmt: skip


async def resolve(life: Life, which: int, parcel: int, units: int) -> None:
    shipment = await life.parcel(parcel)
    await losing.resolve(
        principal=STAFF, shipment_id=shipment.id, wish=list(Resolution)[which % 2],
        is_sellable=units > 1, now=life.now,
    )  # fmt: skip


async def lay_ready(life: Life, which: int, parcel: int, units: int) -> None:
    part, line = await life.part(which), await life.line(which)
    place = await Location.get(vendor_id=part.vendor_id)
    await collecting.make_ready(
        principal=member(part.vendor_id), sub_order_id=part.id, location_id=place.id,
        units={line.id: units}, key=key(), now=life.now,
    )  # fmt: skip


async def collect(life: Life, which: int, parcel: int, units: int) -> None:
    shipment = await life.parcel(parcel)
    code = shipment.pickup_code or "NONE"
    await collecting.collect(principal=SYSTEM, shipment_id=shipment.id, code=code, now=life.now)


async def cancel(life: Life, which: int, parcel: int, units: int) -> None:
    part, line = await life.part(which), await life.line(which)
    people = (Principal(Kind.TOKEN, id=life.order_id), member(part.vendor_id), STAFF)
    asked: dict[str, Any] = {
        "principal": people[parcel % len(people)],
        "order_id": life.order_id,
        "units": {line.id: units} if units < 4 else None,
    }
    seen = await calling_off.preview(**asked)
    await calling_off.cancel(
        **asked, reason="changed", key=key(), now=life.now, expected_refund=seen.refund
    )


async def refund(life: Life, which: int, parcel: int, units: int) -> None:
    line = await life.line(which)
    amounts, count = ({line.id: 1_00}, 0) if units > 2 else (None, units)
    await refunding.request(
        principal=SYSTEM, order_id=life.order_id, units={line.id: count} if count else {},
        amounts=amounts, shipping_of=[], reason="kindness", key=key(), now=life.now,
    )  # fmt: skip


async def wait(life: Life, which: int, parcel: int, units: int) -> None:
    """Days pass, and everything that is due by the clock is done."""
    life.now += timedelta(days=(1, 8, 25)[parcel % 3])
    await deadlines.work_off(now=life.now)
    await answering.expire_due(now=life.now)
    await delivering.deliver_silent(now=life.now)
    await collecting.give_up_due(now=life.now)
    await closing.close_due(now=life.now)
