"""Orders through the operations that the faces call: the books follow, and every check holds."""

from datetime import timedelta
from uuid import UUID

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import accepting, deadlines, delivering, refunding, shipping
from marketplace.orders.models import Shipment
from marketplace.outbox.draining import drain
from marketplace.payments import refunds
from marketplace.payments.models import Refund
from marketplace.payments.states import RefundMove
from marketplace_runtime.routes import ledger_routes
from settlement.invariants.checking import check_all
from settlement.posting import CONSUMER
from settlement.totals import totals
from tests.factories import NOON, make_offer, make_order, make_paid_order, member, parts_of, pay

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

LATER = NOON + timedelta(days=30)


async def hear_all() -> None:
    await drain(routes=ledger_routes(), now=LATER, consumers=[CONSUMER])


async def settle_refunds(outcome: RefundMove = RefundMove.SUCCEED) -> None:
    """The provider's answer to every refund that was asked for."""
    async with transaction(SYSTEM):
        for refund in await Refund.filter(state="requested"):
            await refunds.move(refund, RefundMove.SUBMIT, actor="system", now=NOON)
            await refunds.move(refund, outcome, actor="provider", now=NOON)


async def ship(sub_order_id: UUID, vendor_id: UUID, units: dict[UUID, int] | None = None) -> None:
    await shipping.ship(
        principal=member(vendor_id), sub_order_id=sub_order_id, carrier="DHL",
        tracking_number="T", key=f"{sub_order_id}{units}", now=NOON, units=units,
    )  # fmt: skip


async def assert_sound() -> None:
    report = await check_all(connection())
    assert report.violations == (), str(report)
    assert report.waiting == 0
    assert all(
        sums.unexplained == 0 and sums.difference == 0 for sums in await totals(connection())
    )


async def test_a_parcel_refused_in_part_shipped_in_two_and_partly_refunded() -> None:
    mugs, bowls = await make_offer(price=9_99, on_hand=9), await make_offer(price=7_77, on_hand=9)
    order_id = await make_paid_order({mugs.id: 4, bowls.id: 1}, fee=95)
    first, second = sorted(await parts_of(order_id), key=lambda part: -part.lines[0].quantity)
    [line] = first.lines
    me = member(first.vendor_id)

    await accepting.accept(
        principal=me, sub_order_id=first.id, refused={line.id: 1}, reason="broken", now=NOON
    )
    await ship(first.id, first.vendor_id, {line.id: 1})
    await settle_refunds()
    await hear_all()
    await assert_sound()

    await ship(first.id, first.vendor_id)
    await accepting.accept(principal=member(second.vendor_id), sub_order_id=second.id, now=NOON)
    await ship(second.id, second.vendor_id)
    for parcel in await Shipment.all():
        await delivering.deliver(principal=me if parcel.vendor_id == first.vendor_id
            else member(second.vendor_id), shipment_id=parcel.id, now=NOON)  # fmt: skip
    await refunding.request(
        principal=SYSTEM, order_id=order_id, units={line.id: 2}, shipping_of=[second.id],
        reason="broken", key="r", now=NOON,
    )  # fmt: skip
    await hear_all()
    await assert_sound()

    await settle_refunds()
    await hear_all()
    await assert_sound()


async def test_a_vendor_that_refuses_and_one_that_is_silent_earn_nothing() -> None:
    mugs, bowls = await make_offer(), await make_offer()
    order_id = await make_paid_order({mugs.id: 2, bowls.id: 1})
    first, _ = await parts_of(order_id)
    [line] = first.lines
    await accepting.accept(
        principal=member(first.vendor_id), sub_order_id=first.id, refused={line.id: line.quantity},
        reason="sold out", now=NOON,
    )  # fmt: skip
    await deadlines.work_off(now=LATER, limit=10)
    await settle_refunds()

    await hear_all()

    await assert_sound()
    assert [(sums.captured - sums.refunded, sums.vendor_net) for sums in
            await totals(connection())] == [(0, 0)]  # fmt: skip


async def test_an_order_paid_too_late_is_given_back_whole() -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await deadlines.work_off(now=LATER, limit=10)
    await assert_sound()
    await pay(order_id, now=LATER)
    await hear_all()
    await assert_sound()

    await settle_refunds()
    await hear_all()

    await assert_sound()
    [sums] = await totals(connection())
    assert (sums.captured, sums.prepaid) == (sums.refunded, 0)


async def test_refunds_that_fail_before_and_after_success_stay_owed() -> None:
    order_id = await make_paid_order({(await make_offer(price=10_01)).id: 3})
    [part] = await parts_of(order_id)
    [line] = part.lines
    await accepting.accept(principal=member(part.vendor_id), sub_order_id=part.id, now=NOON)
    await ship(part.id, part.vendor_id)
    for key, outcome in (("1", RefundMove.FAIL), ("2", RefundMove.SUCCEED)):
        await refunding.request(
            principal=SYSTEM, order_id=order_id, units={line.id: 1}, shipping_of=[],
            reason="broken", key=key, now=NOON,
        )  # fmt: skip
        await settle_refunds(outcome)
    returned = await Refund.get(state="succeeded")
    await refunds.move(returned, RefundMove.FAIL, actor="provider", now=NOON)

    await hear_all()

    await assert_sound()
    [sums] = await totals(connection())
    assert sums.refunded == 0
    assert sums.owed_back == line.gross_minor - (line.gross_minor + 1) // 3
