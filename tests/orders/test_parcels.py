"""Parcels: packed and labelled, followed by their carrier, lost, sent again, collected."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from marketplace.carriers import simulated
from marketplace.carriers.protocol import CarrierNews, NotTheCarrier
from marketplace.carriers.simulated import SimulatedCarrier
from marketplace.catalog.models import Channel
from marketplace.inventory.models import Location, Reservation
from marketplace.kit.errors import IllegalMove, InvalidInput, NotFound
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import connection
from marketplace.orders import (
    collecting,
    delivering,
    labelling,
    losing,
    refunding,
    shipping,
    simulating,
    tracking,
)
from marketplace.orders.collecting import WrongPickupCode
from marketplace.orders.errors import TooManyUnits
from marketplace.orders.models import Shipment, SubOrder, TrackingEvent
from marketplace.orders.states import ShipmentState, SubOrderState
from marketplace.orders.tracks import (
    Resolution,
    TrackingStatus,
    TrackingValidity,
)
from marketplace.outbox.models import OutboxEvent
from marketplace.payments.models import Refund, RefundLine
from settlement.invariants.checking import check_all
from tests.factories import NOON, make_vendor, member, stock_of
from tests.orders.living import STAFF, accept, key, line_of, paid, ship

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

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


async def test_the_carriers_news_bring_a_parcel_to_its_customer() -> None:
    part = await accepted()
    parcel = await sent(part)

    for hours, status in enumerate((T.IN_TRANSIT, T.OUT_FOR_DELIVERY, T.DELIVERED)):
        assert await tell(parcel, status, hours=hours) == 1

    await part.refresh_from_db()
    parcel = await parcel_of(parcel.id)
    assert (parcel.state, part.state) == (P.DELIVERED, S.DELIVERED)
    assert parcel.validity is TrackingValidity.VERIFIED
    names = [
        event.name for event in await OutboxEvent.filter(stream_id=part.order_id).order_by("seq")
    ]
    assert names[-4:] == [
        "shipment.in_transit", "shipment.out_for_delivery", "shipment.delivered",
        "sub_order.delivered",
    ]  # fmt: skip
    await sound()


async def test_the_same_news_twice_are_news_once() -> None:
    parcel = await sent(await accepted())

    assert await tell(parcel, T.IN_TRANSIT, event_id="e1") == 1
    assert await tell(parcel, T.IN_TRANSIT, event_id="e1") == 0

    assert await OutboxEvent.filter(name="shipment.in_transit").count() == 1


async def test_late_news_are_kept_and_move_nothing_back() -> None:
    parcel = await sent(await accepted())

    await tell(parcel, T.OUT_FOR_DELIVERY, hours=9)
    await tell(parcel, T.IN_TRANSIT, hours=3)

    assert (await parcel_of(parcel.id)).state is P.OUT_FOR_DELIVERY
    assert await TrackingEvent.filter(shipment_id=parcel.id).count() == 2


async def test_trouble_is_left_behind_by_a_later_scan_and_not_by_an_earlier_one() -> None:
    parcel = await sent(await accepted())

    await tell(parcel, T.EXCEPTION, hours=5)
    await tell(parcel, T.IN_TRANSIT, hours=3)
    assert (await parcel_of(parcel.id)).state is P.EXCEPTION
    await tell(parcel, T.IN_TRANSIT, hours=7)

    assert (await parcel_of(parcel.id)).state is P.IN_TRANSIT


async def test_a_scan_says_that_a_labelled_parcel_was_handed_over() -> None:
    part = await accepted()
    parcel = await parcel_of(await pack(part))

    await tell(parcel, T.HANDED_OVER)

    await part.refresh_from_db()
    assert ((await parcel_of(parcel.id)).state, part.state) == (P.HANDED_OVER, S.SHIPPED)


@pytest.mark.parametrize("headers", [{}, {simulated.SIGNATURE: "wrong"}], ids=["none", "another's"])
async def test_unsigned_news_are_not_the_carriers(headers: dict[str, str]) -> None:
    with pytest.raises(NotTheCarrier):
        await tracking.receive(carrier=CARRIER, body=b'{"events": []}', headers=headers, now=NOON)


async def test_signed_nonsense_is_not_the_carriers_and_unknown_parcels_are_let_pass() -> None:
    body = b'{"events": [{}]}'
    with pytest.raises(NotTheCarrier):
        await tracking.receive(
            carrier=CARRIER, body=body, headers={simulated.SIGNATURE: CARRIER.sign(body)}, now=NOON
        )
    assert await tell(Shipment(tracking_number="SP000000000000"), T.DELIVERED) == 0


@pytest.mark.parametrize(
    ("carrier", "number", "validity"),
    [
        ("UPS", "1Z999AA10123456784", TrackingValidity.UNVERIFIED),
        ("UPS", "not a number", TrackingValidity.INVALID),
        ("A shop's own van", "7", TrackingValidity.UNVERIFIED),
    ],
)
async def test_a_number_is_judged_by_its_look_until_the_first_scan(
    carrier: str, number: str, validity: TrackingValidity
) -> None:
    part = await accepted()

    shipment_id = await shipping.ship(
        principal=member(part.vendor_id), sub_order_id=part.id, carrier=carrier,
        tracking_number=number, key=key(), now=NOON,
    )  # fmt: skip

    assert (await parcel_of(shipment_id)).validity is validity


async def test_a_lost_parcel_is_sent_again_from_new_stock_and_earns_once() -> None:
    part = await accepted(quantity=3)
    line = await line_of(part)
    parcel = await sent(part)
    await tell(parcel, T.LOST)
    await sound()

    done = await losing.resolve(
        principal=member(part.vendor_id), shipment_id=parcel.id, wish=Resolution.REPLACED, now=NOON
    )
    await part.refresh_from_db()
    assert (done, part.state, part.shipped_at) == (Resolution.REPLACED, S.PREPARING, NOON)
    assert await stock_of(line.offer_id) == (17, 3)
    await sound()

    await ship(part, now=NOON + HOUR)
    await part.refresh_from_db()
    assert (part.state, part.shipped_at) == (S.SHIPPED, NOON)
    assert await stock_of(line.offer_id) == (14, 0)
    assert (await Reservation.get(line_id=line.id)).consumed == 6
    assert not await Refund.exists()
    await sound()


async def test_a_lost_parcel_without_stock_is_paid_back_with_its_shipping() -> None:
    part = await accepted(quantity=3, on_hand=5)
    parcel = await sent(part)
    await losing.report(
        principal=STAFF, shipment_id=parcel.id, came_back=False, reason="gone", now=NOON
    )

    done = await losing.resolve(
        principal=STAFF, shipment_id=parcel.id, wish=Resolution.REPLACED, now=NOON
    )

    await part.refresh_from_db()
    assert (done, part.state) == (Resolution.REFUNDED, S.CANCELLED)
    refund = await Refund.get(order_id=part.order_id)
    assert (refund.amount_minor, refund.reason) == (part.total_minor, "The parcel was lost")
    assert {line.is_earned for line in await RefundLine.all()} == {True}
    await sound()


async def test_of_two_parcels_one_that_came_back_is_paid_back_and_the_other_delivers_it() -> None:
    part = await accepted(quantity=3)
    line = await line_of(part)
    back, kept = await sent(part, 1), await sent(part, 2)
    await tell(kept, T.DELIVERED)
    await tell(back, T.RETURNED_TO_SENDER)

    await losing.resolve(
        principal=member(part.vendor_id), shipment_id=back.id, wish=Resolution.REFUNDED,
        is_sellable=True, now=NOON,
    )  # fmt: skip

    await part.refresh_from_db()
    assert part.state is S.DELIVERED
    assert await stock_of(line.offer_id) == (18, 0)
    assert (await Refund.get(order_id=part.order_id)).amount_minor == 11_90
    await sound()


async def test_what_came_back_can_be_what_is_sent_again() -> None:
    part = await accepted(quantity=3, on_hand=3)
    parcel = await sent(part)
    await tell(parcel, T.RETURNED_TO_SENDER)

    done = await losing.resolve(
        principal=STAFF, shipment_id=parcel.id, wish=Resolution.REPLACED, is_sellable=True, now=NOON
    )

    assert done is Resolution.REPLACED
    await sound()


async def test_it_is_decided_once_and_only_of_what_did_not_arrive() -> None:
    part = await accepted()
    parcel = await sent(part)

    async def decide() -> Resolution:
        return await losing.resolve(
            principal=STAFF, shipment_id=parcel.id, wish=Resolution.REFUNDED, now=NOON
        )

    with pytest.raises(IllegalMove):
        await decide()
    await tell(parcel, T.LOST)
    await decide()
    with pytest.raises(IllegalMove):
        await decide()
    with pytest.raises(IllegalMove):
        await delivering.deliver(principal=SYSTEM, shipment_id=parcel.id, now=NOON)
    await tell(parcel, T.DELIVERED, hours=50)

    assert (await parcel_of(parcel.id)).state is P.LOST
    assert await Refund.all().count() == 1


async def test_a_lost_parcel_that_turns_up_in_time_is_delivered() -> None:
    part = await accepted()
    parcel = await sent(part)
    await tell(parcel, T.LOST)

    await delivering.deliver(
        principal=Principal(Kind.TOKEN, id=part.order_id), shipment_id=parcel.id, now=NOON
    )

    await part.refresh_from_db()
    assert part.state is S.DELIVERED
    await sound()


async def test_what_customers_have_money_back_for_is_not_sent_again() -> None:
    part = await accepted()
    line = await line_of(part)
    parcel = await sent(part)
    await refunding.request(
        principal=SYSTEM, order_id=part.order_id, units={line.id: 1}, shipping_of=[],
        reason="sorry", key=key(), now=NOON,
    )  # fmt: skip
    await tell(parcel, T.LOST)

    done = await losing.resolve(
        principal=STAFF, shipment_id=parcel.id, wish=Resolution.REPLACED, now=NOON
    )

    refunds = await Refund.all()
    assert done is Resolution.REFUNDED
    assert sum(refund.amount_minor for refund in refunds) == part.total_minor
    await sound()


async def test_silence_counts_as_delivered_when_the_channel_has_waited_enough() -> None:
    part = await accepted()
    parcel = await sent(part)
    days = (await Channel.all())[0].delivered_after_days

    assert await delivering.deliver_silent(now=NOON + timedelta(days=days)) == 0
    assert await delivering.deliver_silent(now=NOON + timedelta(days=days, seconds=1)) == 1
    assert await delivering.deliver_silent(now=NOON + timedelta(days=days, seconds=1)) == 0

    await part.refresh_from_db()
    assert ((await parcel_of(parcel.id)).state, part.state) == (P.DELIVERED, S.DELIVERED)


async def test_a_parcel_in_trouble_is_not_taken_for_delivered() -> None:
    parcel = await sent(await accepted())
    await tell(parcel, T.EXCEPTION)

    assert await delivering.deliver_silent(now=NOON + timedelta(days=99)) == 0


async def laid_ready(part: SubOrder, units: int | None = None) -> Shipment:
    location = await Location.get(vendor_id=part.vendor_id)
    line = await line_of(part)
    shipment_id = await collecting.make_ready(
        principal=member(part.vendor_id), sub_order_id=part.id, location_id=location.id, key=key(),
        units=None if units is None else {line.id: units}, now=NOON,
    )  # fmt: skip
    return await parcel_of(shipment_id)


async def test_what_is_ready_is_collected_with_its_code() -> None:
    part = await accepted()
    parcel = await laid_ready(part)
    me, code = member(part.vendor_id), parcel.pickup_code or ""
    await sound()

    with pytest.raises(WrongPickupCode):
        await collecting.collect(principal=me, shipment_id=parcel.id, code="x" + code, now=NOON)
    await collecting.collect(
        principal=me, shipment_id=parcel.id, code=f" {code.lower()} ", now=NOON + HOUR
    )

    await part.refresh_from_db()
    assert ((await parcel_of(parcel.id)).state, part.state) == (P.COLLECTED, S.DELIVERED)
    with pytest.raises(IllegalMove):
        await collecting.collect(principal=me, shipment_id=parcel.id, code=code, now=NOON)
    await sound()


async def test_what_nobody_collects_is_cancelled_and_paid_back() -> None:
    part = await accepted()
    line = await line_of(part)
    parcel = await laid_ready(part)
    assert parcel.collect_by is not None

    assert await collecting.give_up_due(now=parcel.collect_by) == 0
    assert await collecting.give_up_due(now=parcel.collect_by + HOUR) == 1
    assert await collecting.give_up_due(now=parcel.collect_by + HOUR) == 0

    await part.refresh_from_db()
    assert ((await parcel_of(parcel.id)).state, part.state) == (P.CANCELLED, S.CANCELLED)
    assert (await Refund.get(order_id=part.order_id)).amount_minor == part.total_minor
    assert await stock_of(line.offer_id) == (20, 0)
    await sound()


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


async def test_the_simulated_carrier_tells_each_event_once_as_time_goes_by() -> None:
    part = await accepted()
    parcel = await sent(part)
    story = simulated.news_of(
        parcel.tracking_number, handed_over_at=NOON, until=NOON + timedelta(days=30)
    )

    def now(day: int) -> datetime:
        return NOON + timedelta(days=day)

    kept = [await simulating.drive(carrier=CARRIER, now=now(day)) for day in range(30)]

    assert sum(kept) == len(story)
    assert (await parcel_of(parcel.id)).state.value == story[-1].status
