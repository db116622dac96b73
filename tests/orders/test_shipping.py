"""From accepted to delivered, as vendors and customers do it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from marketplace.kit.errors import IllegalMove, NotFound
from marketplace.kit.idempotency import KeyReused
from marketplace.kit.principal import Kind, Principal
from marketplace.orders import accepting, delivering, shipping
from marketplace.orders.errors import TooManyUnits
from marketplace.orders.history_models import StateChange
from marketplace.orders.models import Shipment, SubOrder
from marketplace.orders.states import ShipmentState, SubOrderState
from marketplace.outbox.models import OutboxEvent
from marketplace.sla.models import ClockKind, ClockState, SlaClock
from tests.factories import NOON, make_offer, make_paid_order, member, parts_of, stock_of
from tests.orders.fulfilling import accepted, line_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def test_shipping_in_two_parts_earns_with_the_last_unit() -> None:
    part = await accepted(quantity=3)
    me, line = member(part.vendor_id), await line_of(part)

    await shipping.ship(
        principal=me, sub_order_id=part.id, units={line.id: 1}, carrier="DHL",
        tracking_number="T1", key="one", now=NOON,
    )  # fmt: skip
    partly = await SubOrder.get(id=part.id)
    await shipping.ship(
        principal=me, sub_order_id=part.id, carrier="DHL", tracking_number="T2", key="two",
        now=NOON + timedelta(hours=1),
    )  # fmt: skip

    whole = await SubOrder.get(id=part.id)
    assert (partly.state, partly.shipped_at) == (SubOrderState.PARTLY_SHIPPED, None)
    assert (whole.state, whole.shipped_at) == (SubOrderState.SHIPPED, NOON + timedelta(hours=1))
    line = await line_of(part)
    assert (line.shipped, await stock_of(line.offer_id)) == (3, (6, 0))
    names = await OutboxEvent.filter(stream_id=part.order_id).order_by("seq").values_list("name")
    assert [name for (name,) in names][-2:] == ["sub_order.partly_shipped", "sub_order.shipped"]
    clock = await SlaClock.get(subject_id=part.id, kind=ClockKind.SHIP_BY)
    assert (clock.state, clock.met_at) == (ClockState.MET, whole.shipped_at)


async def test_a_shipment_posted_twice_is_one_shipment() -> None:
    part = await accepted(quantity=3)
    me, line = member(part.vendor_id), await line_of(part)

    async def ship(tracking_number: str) -> object:
        return await shipping.ship(
            principal=me, sub_order_id=part.id, units={line.id: 1}, carrier="DHL",
            tracking_number=tracking_number, key="once", now=NOON,
        )  # fmt: skip

    assert await ship("T1") == await ship("T1")
    with pytest.raises(KeyReused):
        await ship("T2")
    assert await Shipment.all().count() == 1
    assert (await line_of(part)).shipped == 1


async def test_more_units_than_are_left_are_not_shipped() -> None:
    part = await accepted(quantity=3)
    line = await line_of(part)

    with pytest.raises(TooManyUnits) as refusal:
        await shipping.ship(
            principal=member(part.vendor_id), sub_order_id=part.id, units={line.id: 4},
            carrier="DHL", tracking_number="T1", key="k", now=NOON,
        )  # fmt: skip

    assert refusal.value.possible == 3
    assert not await Shipment.exists()


async def test_what_is_not_accepted_is_not_shipped() -> None:
    mug = await make_offer()
    [part] = await parts_of(await make_paid_order({mug.id: 1}))

    with pytest.raises(IllegalMove):
        await shipping.ship(
            principal=member(part.vendor_id), sub_order_id=part.id, carrier="DHL",
            tracking_number="T1", key="k", now=NOON,
        )  # fmt: skip

    assert await stock_of(mug.id) == (5, 1)


async def test_another_vendors_sub_order_and_shipment_do_not_exist() -> None:
    part = await accepted()
    stranger = member((await make_offer(sku="lamp")).vendor_id)
    shipment_id = await shipping.ship(
        principal=member(part.vendor_id), sub_order_id=part.id, carrier="DHL",
        tracking_number="T1", key="k", now=NOON,
    )  # fmt: skip

    with pytest.raises(NotFound):
        await accepting.accept(principal=stranger, sub_order_id=part.id, now=NOON)
    with pytest.raises(NotFound):
        await shipping.ship(
            principal=stranger, sub_order_id=part.id, carrier="X", tracking_number="T", key="k",
            now=NOON,
        )  # fmt: skip
    with pytest.raises(NotFound):
        await delivering.deliver(principal=stranger, shipment_id=shipment_id, now=NOON)


async def test_the_last_parcel_delivered_delivers_the_sub_order() -> None:
    part = await accepted(quantity=2)
    me, line = member(part.vendor_id), await line_of(part)
    first, second = [
        await shipping.ship(
            principal=me, sub_order_id=part.id, units={line.id: 1}, carrier="DHL",
            tracking_number=number, key=number, now=NOON,
        )
        for number in ("T1", "T2")
    ]  # fmt: skip
    customer = Principal(Kind.TOKEN, id=part.order_id)

    await delivering.deliver(principal=customer, shipment_id=second, now=NOON)
    assert (await SubOrder.get(id=part.id)).state is SubOrderState.SHIPPED
    await delivering.deliver(principal=me, shipment_id=first, now=NOON)

    assert (await SubOrder.get(id=part.id)).state is SubOrderState.DELIVERED
    assert (await line_of(part)).delivered == 2
    with pytest.raises(IllegalMove):
        await delivering.deliver(principal=me, shipment_id=first, now=NOON)
    assert (await Shipment.get(id=first)).state is ShipmentState.DELIVERED


async def test_a_link_for_another_order_delivers_nothing() -> None:
    part = await accepted()
    shipment_id = await shipping.ship(
        principal=member(part.vendor_id), sub_order_id=part.id, carrier="DHL",
        tracking_number="T1", key="k", now=NOON,
    )  # fmt: skip

    with pytest.raises(NotFound):
        await delivering.deliver(
            principal=Principal(Kind.TOKEN, id=uuid4()), shipment_id=shipment_id, now=NOON
        )


async def test_every_change_is_one_event_numbered_without_gaps() -> None:
    part = await accepted()
    await shipping.ship(
        principal=member(part.vendor_id), sub_order_id=part.id, carrier="DHL",
        tracking_number="T1", key="k", now=NOON,
    )  # fmt: skip

    events = await OutboxEvent.filter(stream_id=part.order_id).order_by("seq")
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    changes = {change.event_id async for change in StateChange.filter(order_id=part.order_id)}
    assert changes <= {event.id for event in events}
