"""Parcels: packed, labelled, handed over, and nobody else's."""

import pytest

from marketplace.carriers import simulated
from marketplace.inventory.models import Location
from marketplace.kit.errors import IllegalMove, InvalidInput, NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.orders import collecting, labelling, losing, shipping
from marketplace.orders.errors import TooManyUnits
from marketplace.orders.tracks import Resolution
from marketplace.outbox.models import OutboxEvent
from tests.factories import NOON, make_vendor, member
from tests.orders.living import key, line_of, ship
from tests.orders.parcelling import CARRIER, P, S, accepted, pack, parcel_of, sent, sound

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_a_packed_parcel_gets_its_label_and_leaves_when_it_is_handed_over() -> None:
    part = await accepted()

    shipment_id = await pack(part)
    waiting = await parcel_of(shipment_id)
    await part.refresh_from_db()
    assert (waiting.state, part.state) == (P.LABELLED, S.READY)
    assert waiting.tracking_number == simulated.number_of(shipment_id)
    assert waiting.label is not None
    assert "Ana Pires" in waiting.label
    assert (await line_of(part)).shipped == 0
    await sound()

    await shipping.hand_over(principal=member(part.vendor_id), shipment_id=shipment_id, now=NOON)
    await part.refresh_from_db()
    assert ((await parcel_of(shipment_id)).state, part.state) == (P.HANDED_OVER, S.SHIPPED)
    await sound()


async def test_packing_twice_with_a_key_makes_one_parcel_and_labelling_twice_one_label() -> None:
    part = await accepted()
    same = key()

    made = [
        await labelling.pack(
            principal=member(part.vendor_id), sub_order_id=part.id, carrier=simulated.NAME,
            key=same, now=NOON,
        )
        for _ in range(2)
    ]  # fmt: skip
    for shipment_id in made:
        await labelling.label(shipment_id=shipment_id, carrier=CARRIER, now=NOON)

    assert made[0] == made[1]
    assert await OutboxEvent.filter(name="shipment.labelled").count() == 1


async def test_what_is_packed_is_not_packed_or_shipped_again_until_it_is_taken_apart() -> None:
    part = await accepted(quantity=3)
    shipment_id = await pack(part, 2)

    with pytest.raises(TooManyUnits):
        await ship(part, 2)
    await labelling.unpack(principal=member(part.vendor_id), shipment_id=shipment_id, now=NOON)
    await ship(part, 2)

    assert (await parcel_of(shipment_id)).state is P.CANCELLED
    with pytest.raises(IllegalMove):
        await labelling.unpack(principal=member(part.vendor_id), shipment_id=shipment_id, now=NOON)
    await sound()


async def test_a_parcel_without_a_number_is_not_handed_over() -> None:
    part = await accepted()
    shipment_id = await labelling.pack(
        principal=member(part.vendor_id), sub_order_id=part.id, carrier=simulated.NAME, key=key(),
        now=NOON,
    )  # fmt: skip

    with pytest.raises(InvalidInput):
        await shipping.hand_over(
            principal=member(part.vendor_id), shipment_id=shipment_id, now=NOON
        )


async def test_other_vendors_parcels_and_places_do_not_exist() -> None:
    part = await accepted()
    parcel = await sent(part, 1)
    theirs = member((await make_vendor()).id)

    for attempt in (
        labelling.unpack(principal=theirs, shipment_id=parcel.id, now=NOON),
        shipping.hand_over(principal=theirs, shipment_id=parcel.id, now=NOON),
        collecting.collect(principal=theirs, shipment_id=parcel.id, code="A", now=NOON),
        losing.report(
            principal=theirs, shipment_id=parcel.id, came_back=False, reason="x", now=NOON
        ),
        losing.resolve(
            principal=theirs, shipment_id=parcel.id, wish=Resolution.REFUNDED, now=NOON
        ),
        losing.report(
            principal=Principal(Kind.TOKEN, id=part.order_id), shipment_id=parcel.id,
            came_back=False, reason="x", now=NOON,
        ),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await attempt
    elsewhere = await Location.get(vendor_id=theirs.vendor_id)
    with pytest.raises(NotFound):
        await collecting.make_ready(
            principal=member(part.vendor_id), sub_order_id=part.id, location_id=elsewhere.id,
            key=key(), now=NOON,
        )  # fmt: skip
