"""From paid to accepted, as vendors do it."""

from uuid import uuid4

import pytest

from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.orders import accepting
from marketplace.orders.errors import StaleVersion, TooManyUnits
from marketplace.orders.states import SubOrderState
from marketplace.payments.models import Payment, Refund, RefundLine
from marketplace.sla.models import ClockKind, ClockState, SlaClock
from tests.factories import NOON, make_offer, make_paid_order, member, parts_of, stock_of
from tests.orders.fulfilling import accepted, line_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


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
