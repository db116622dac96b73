"""From paid to delivered, as vendors and customers do it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from marketplace.kit.errors import IllegalMove, InvalidInput, NotFound
from marketplace.kit.idempotency import KeyReused
from marketplace.kit.principal import Kind, Principal
from marketplace.orders import accepting, delivering, shipping
from marketplace.orders.errors import StaleVersion, TooManyUnits
from marketplace.orders.models import OrderLine, Shipment, StateChange, SubOrder
from marketplace.orders.states import ShipmentState, SubOrderState
from marketplace.outbox.models import OutboxEvent
from marketplace.payments.models import Payment, Refund, RefundLine
from marketplace.sla.models import ClockKind, ClockState, SlaClock
from tests.factories import NOON, make_offer, make_paid_order, member, parts_of, stock_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def accepted(quantity: int = 3) -> SubOrder:
    mug = await make_offer(on_hand=9)
    [part] = await parts_of(await make_paid_order({mug.id: quantity}))
    return await accepting.accept(principal=member(part.vendor_id), sub_order_id=part.id, now=NOON)


async def line_of(part: SubOrder) -> OrderLine:
    return await OrderLine.get(sub_order_id=part.id)


async def test_payment_releases_every_part_and_starts_its_accept_clock() -> None:
    mug, lamp = await make_offer(), await make_offer(sku="lamp")

    order_id = await make_paid_order({mug.id: 1, lamp.id: 1})

    parts = await parts_of(order_id)
    assert [part.state for part in parts] == [SubOrderState.AWAITING_ACCEPTANCE] * 2
    running = await SlaClock.filter(order_id=order_id, state=ClockState.RUNNING)
    assert {(clock.kind, clock.subject_id) for clock in running} == {
        (ClockKind.ACCEPT_BY, part.id) for part in parts
    }
    assert (await SlaClock.get(subject_id=order_id)).state is ClockState.MET


async def test_accepting_stops_one_clock_and_starts_the_next() -> None:
    part = await accepted()

    assert part.state is SubOrderState.ACCEPTED
    clocks = {clock.kind: clock.state for clock in await SlaClock.filter(subject_id=part.id)}
    assert clocks == {
        ClockKind.ACCEPT_BY: ClockState.MET,
        ClockKind.SHIP_BY: ClockState.RUNNING,
    }


async def test_refusing_some_units_refunds_them_and_frees_their_stock() -> None:
    mug = await make_offer(price=10_00, on_hand=9)
    [part] = await parts_of(await make_paid_order({mug.id: 3}))
    line = await line_of(part)

    await accepting.accept(
        principal=member(part.vendor_id), sub_order_id=part.id, now=NOON,
        refused={line.id: 1}, reason="chipped",
    )  # fmt: skip

    line = await line_of(part)
    assert (line.refused, line.live, line.refunded) == (1, 2, 1)
    assert await stock_of(mug.id) == (9, 2)
    refund = await Refund.get(order_id=part.order_id)
    assert (refund.amount_minor, refund.reason) == (11_90, "Refused: chipped")
    [refund_line] = await RefundLine.filter(refund_id=refund.id)
    assert (refund_line.is_earned, refund_line.vendor_minor) == (False, 10_00)
    assert (await Payment.get(order_id=part.order_id)).refund_claimed_minor == 11_90


async def test_refusing_every_unit_refuses_the_whole_with_its_shipping() -> None:
    mug = await make_offer(price=10_00, on_hand=9)
    [part] = await parts_of(await make_paid_order({mug.id: 3}))
    line = await line_of(part)

    refused = await accepting.accept(
        principal=member(part.vendor_id), sub_order_id=part.id, now=NOON,
        refused={line.id: 3}, reason="sold in the shop",
    )  # fmt: skip

    assert refused.state is SubOrderState.REFUSED
    assert (await Refund.get(order_id=part.order_id)).amount_minor == part.total_minor
    assert await stock_of(mug.id) == (9, 0)
    assert not await SlaClock.filter(subject_id=part.id, kind=ClockKind.SHIP_BY).exists()


async def test_a_refusal_needs_a_reason_and_no_more_units_than_there_are() -> None:
    mug = await make_offer()
    [part] = await parts_of(await make_paid_order({mug.id: 2}))
    line = await line_of(part)
    me = member(part.vendor_id)

    with pytest.raises(InvalidInput):
        await accepting.accept(
            principal=me, sub_order_id=part.id, now=NOON, refused={line.id: 1}, reason=" "
        )
    with pytest.raises(TooManyUnits):
        await accepting.accept(
            principal=me, sub_order_id=part.id, now=NOON, refused={line.id: 3}, reason="x"
        )
    with pytest.raises(NotFound):
        await accepting.accept(
            principal=me, sub_order_id=part.id, now=NOON, refused={uuid4(): 1}, reason="x"
        )
    assert not await Refund.exists()


async def test_what_changed_since_the_page_was_shown_is_not_accepted_blindly() -> None:
    mug = await make_offer()
    [part] = await parts_of(await make_paid_order({mug.id: 2}))

    with pytest.raises(StaleVersion):
        await accepting.accept(
            principal=member(part.vendor_id), sub_order_id=part.id, now=NOON,
            expected_version=part.version - 1,
        )  # fmt: skip


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
