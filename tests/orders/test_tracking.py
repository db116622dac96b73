"""A carrier's news: once, in order of their rank, and only the carrier's."""

from datetime import datetime, timedelta

import pytest

from marketplace.carriers import simulated
from marketplace.carriers.protocol import CarrierNews, NotTheCarrier
from marketplace.catalog.models import Channel
from marketplace.inventory import adjusting
from marketplace.inventory.models import Stock
from marketplace.orders import delivering, shipping, simulating, tracking
from marketplace.orders.models import Shipment, TrackingEvent
from marketplace.orders.tracks import TrackingValidity
from marketplace.outbox.models import OutboxEvent
from tests.factories import NOON, member
from tests.orders.living import key, line_of
from tests.orders.parcelling import CARRIER, P, S, T, accepted, pack, parcel_of, sent, sound, tell

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


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


async def test_a_parcel_that_cannot_leave_keeps_its_news_and_holds_up_no_other() -> None:
    part = await accepted()
    stuck, moves = await parcel_of(await pack(part)), await sent(await accepted())
    shelf = await Stock.get(offer_id=(await line_of(part)).offer_id)
    await adjusting.count(
        principal=member(part.vendor_id), stock_id=shelf.id, change_from=20, to=0, now=NOON
    )
    body, headers = CARRIER.write_news([
        CarrierNews(
            event_id=key(), tracking_number=parcel.tracking_number, status=T.IN_TRANSIT,
            place=None, happened_at=NOON,
        )
        for parcel in (stuck, moves)
    ])  # fmt: skip

    assert await tracking.receive(carrier=CARRIER, body=body, headers=headers, now=NOON) == 2

    assert (await parcel_of(moves.id)).state is P.IN_TRANSIT
    assert (await parcel_of(stuck.id)).state is P.LABELLED
    assert await TrackingEvent.filter(shipment_id=stuck.id).count() == 1


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
