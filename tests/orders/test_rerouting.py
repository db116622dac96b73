"""What one vendor cannot send, the next one does: same price, exact money, one kind word."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import pytest

from marketplace.accounts.models import Vendor
from marketplace.catalog.models import Offer
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import accepting, deadlines, delivering, queries, refunding
from marketplace.orders.models import OrderLine, Reroute, Shipment, SubOrder
from marketplace.orders.states import SubOrderState
from marketplace.payments.models import PaymentAllocation, Refund
from marketplace.pricing.models import Discount
from marketplace.routing.models import Cause, RoutingDecision, RoutingRuleSet
from settlement.adjustments.models import Adjustment
from tests.factories import (
    NOON,
    make_commission_rule,
    make_offer,
    make_paid_order,
    make_vendor,
    member,
    parts_of,
    stock_of,
)  # fmt: skip
from tests.settlement.test_journeys import assert_sound, hear_all, settle_refunds, ship

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

LATER = NOON + timedelta(days=30)


async def refuse(
    part: SubOrder, units: Mapping[UUID, int] | None = None, reason: str = "broken"
) -> SubOrder:
    """All of it, unless units by line are named."""
    async with transaction(SYSTEM, read_only=True):
        lines = await OrderLine.filter(sub_order_id=part.id)
    return await accepting.accept(
        principal=member(part.vendor_id), sub_order_id=part.id, reason=reason, now=NOON,
        refused=units if units is not None else {line.id: line.live for line in lines},
    )  # fmt: skip


async def two_sellers(
    *, price: int = 12_00, other_price: int = 12_00, stock: int = 5, other_shipping: int = 4_00
) -> tuple[Offer, Offer]:
    mine = await make_offer(price=price, on_hand=stock)
    other = await make_vendor(name="Loom", shipping=other_shipping)
    theirs = await make_offer(vendor=other, like=mine, price=other_price, on_hand=stock)
    return mine, theirs


async def asks_again(order_id: UUID) -> SubOrder:
    """The sub-order that was made last."""
    return (await parts_of(order_id))[-1]


async def test_a_refused_sub_order_is_sent_by_another_vendor_and_paid_out_to_it() -> None:
    mine, theirs = await two_sellers()
    order_id = await make_paid_order({mine.id: 2})
    [first] = await parts_of(order_id)

    await refuse(first)

    refused, second = await parts_of(order_id)
    assert (refused.state, refused.total_minor) == (SubOrderState.REFUSED, 0)
    assert (second.state, second.total_minor) == (
        SubOrderState.AWAITING_ACCEPTANCE, first.total_minor,
    )  # fmt: skip
    assert second.number.endswith("-B")
    assert second.vendor_id == theirs.vendor_id
    assert (await stock_of(mine.id), await stock_of(theirs.id)) == ((5, 0), (5, 2))
    assert await Refund.all().count() == 0
    await hear_all()
    await assert_sound()

    await accepting.accept(principal=member(second.vendor_id), sub_order_id=second.id, now=NOON)
    await ship(second.id, second.vendor_id)
    [parcel] = await Shipment.all()
    await delivering.deliver(principal=member(second.vendor_id), shipment_id=parcel.id, now=NOON)
    await hear_all()

    await assert_sound()
    earned = "SELECT vendor_id, net_minor FROM earning"
    [earning] = await connection().fetch(earned)
    # 2 at 12.00 less 15 % and 20 % VAT on that, and 4.00 of shipping.
    assert tuple(earning) == (theirs.vendor_id, 24_00 - 3_60 - 72 + 4_00)


async def test_part_of_a_line_goes_elsewhere_and_the_rest_stays() -> None:
    mine, _ = await two_sellers(price=9_99, other_price=10_49, other_shipping=3_10)
    order_id = await make_paid_order({mine.id: 3})
    [first] = await parts_of(order_id)
    [line] = first.lines

    await refuse(first, {line.id: 1})

    [kept, second] = await parts_of(order_id)
    [stays], [moved] = kept.lines, second.lines
    assert (stays.quantity, stays.rerouted, stays.refused) == (2, 1, 0)
    assert (moved.quantity, moved.replaces_id) == (1, stays.id)
    assert stays.gross_minor + moved.gross_minor == line.gross_minor
    assert kept.total_minor + second.total_minor == first.total_minor
    assert (second.shipping_gross_minor, second.shipping_funding_minor) == (0, 3_10)
    assert moved.unit_price_minor == 9_99
    assert moved.funding_minor == 10_49 - 9_99
    [reroute] = await Reroute.all()
    assert reroute.difference_minor == 50 + 3_10
    await ship_everything(order_id)
    await hear_all()
    await assert_sound()


async def ship_everything(order_id: UUID) -> None:
    for part in await parts_of(order_id):
        if part.state is SubOrderState.AWAITING_ACCEPTANCE:
            await accepting.accept(principal=member(part.vendor_id), sub_order_id=part.id, now=NOON)
        if part.state is not SubOrderState.REFUSED:
            await ship(part.id, part.vendor_id)


async def test_a_cheaper_replacement_leaves_the_platform_the_difference() -> None:
    mine, _ = await two_sellers(price=12_00, other_price=11_00)
    order_id = await make_paid_order({mine.id: 2})
    [first] = await parts_of(order_id)

    await refuse(first)

    second = await asks_again(order_id)
    assert (second.lines[0].funding_minor, second.total_minor) == (-2_00, first.total_minor)
    await ship_everything(order_id)
    await hear_all()
    await assert_sound()
    await refunding.request(
        principal=SYSTEM, order_id=order_id, units={second.lines[0].id: 1}, shipping_of=[],
        reason="broken", key="r", now=NOON,
    )  # fmt: skip
    await settle_refunds()
    await hear_all()
    await assert_sound()


async def test_each_vendor_pays_its_own_commission() -> None:
    mine, theirs = await two_sellers()
    order_id = await make_paid_order({mine.id: 1})
    await make_commission_rule(rate_ppm=80_000, vendor_id=theirs.vendor_id)
    [first] = await parts_of(order_id)

    await refuse(first)

    [line] = (await asks_again(order_id)).lines
    assert (line.commission_ppm, line.commission_minor) == (80_000, 96)


@pytest.mark.parametrize("funded_by", ["platform", "vendor"])
async def test_a_discount_goes_along_and_nobody_new_pays_for_it(funded_by: str) -> None:
    mine, theirs = await two_sellers(price=10_01)
    await Discount.create(
        id=mine.id, code="SPRING", amount_minor=7_00, currency="EUR", valid_from=NOON,
        vendor_id=mine.vendor_id if funded_by == "vendor" else None,
    )  # fmt: skip
    order_id = await make_paid_order({mine.id: 3}, discount="SPRING")
    [first] = await parts_of(order_id)

    await refuse(first, {first.lines[0].id: 2})

    kept, second = await parts_of(order_id)
    assert kept.discount_minor + second.discount_minor == 7_00
    assert second.lines[0].vendor_minor == 2 * 12_00
    assert second.vendor_id == theirs.vendor_id
    await ship_everything(order_id)
    await hear_all()
    await assert_sound()


async def test_a_sub_order_that_nobody_answered_is_asked_of_the_next() -> None:
    mine, theirs = await two_sellers()
    order_id = await make_paid_order({mine.id: 2})

    await deadlines.work_off(now=NOON + timedelta(days=3), limit=10)

    expired, second = await parts_of(order_id)
    assert (expired.state, second.state) == (
        SubOrderState.EXPIRED, SubOrderState.AWAITING_ACCEPTANCE,
    )  # fmt: skip
    assert second.vendor_id == theirs.vendor_id
    assert await Refund.all().count() == 0
    await hear_all()
    await assert_sound()


async def test_a_replacement_that_is_refused_too_goes_on_and_at_last_back_to_the_customer() -> None:
    mine, theirs = await two_sellers()
    third = await make_offer(like=mine, price=13_00)
    order_id = await make_paid_order({mine.id: 2})

    vendors = []
    for _ in range(3):
        asked = await asks_again(order_id)
        vendors.append(asked.vendor_id)
        await refuse(asked)

    assert vendors == [mine.vendor_id, theirs.vendor_id, third.vendor_id]
    parts = await parts_of(order_id)
    assert [part.state for part in parts] == [SubOrderState.REFUSED] * 3
    [refund] = await Refund.all()
    assert refund.amount_minor == sum(part.total_minor for part in parts) > 28_00
    await settle_refunds()
    await hear_all()
    await assert_sound()


async def test_what_nobody_else_has_is_refunded_at_once() -> None:
    mine = await make_offer()
    order_id = await make_paid_order({mine.id: 2})
    [first] = await parts_of(order_id)

    await refuse(first)

    [refused] = await parts_of(order_id)
    assert refused.lines[0].refused == 2
    assert await Refund.all().count() == 1
    assert await Reroute.all().count() == 0


async def test_as_many_as_somebody_has_go_there_and_the_rest_is_refunded() -> None:
    mine = await make_offer()
    await make_offer(like=mine, on_hand=2)
    order_id = await make_paid_order({mine.id: 3})
    [first] = await parts_of(order_id)

    await refuse(first)

    refused, second = await parts_of(order_id)
    assert (refused.lines[0].refused, refused.lines[0].rerouted) == (1, 2)
    assert second.lines[0].quantity == 2
    [refund] = await Refund.all()
    assert refund.amount_minor == refused.total_minor
    await settle_refunds()
    await hear_all()
    await assert_sound()


async def test_two_lines_go_to_two_vendors_and_the_shipping_is_shared() -> None:
    seller = await make_vendor()
    mugs = await make_offer(vendor=seller, sku="mug", price=10_00)
    bowls = await make_offer(vendor=seller, sku="bowl", price=5_55)
    others: list[Vendor] = [await make_vendor(), await make_vendor()]
    for other, like, price in zip(others, (mugs, bowls), (10_50, 5_00), strict=True):
        await make_offer(vendor=other, like=like, price=price)
    order_id = await make_paid_order({mugs.id: 1, bowls.id: 2})
    [first] = await parts_of(order_id)

    await refuse(first)

    _, *new = await parts_of(order_id)
    assert {part.vendor_id for part in new} == {other.id for other in others}
    assert sum(part.shipping_gross_minor for part in new) == first.shipping_gross_minor
    assert sum(part.total_minor for part in new) == first.total_minor
    await ship_everything(order_id)
    await hear_all()
    await assert_sound()


async def test_what_is_much_dearer_is_not_bought_for_the_customer() -> None:
    mine, _ = await two_sellers(price=10_00, other_price=12_01)
    order_id = await make_paid_order({mine.id: 1})
    [first] = await parts_of(order_id)

    await refuse(first)

    assert len(await parts_of(order_id)) == 1
    assert await Refund.all().count() == 1


async def test_units_that_support_gave_back_are_not_sent_again() -> None:
    mine, _ = await two_sellers()
    order_id = await make_paid_order({mine.id: 2})
    [first] = await parts_of(order_id)
    await refunding.request(
        principal=SYSTEM, order_id=order_id, units={first.lines[0].id: 1}, shipping_of=[],
        reason="goodwill", key="r", now=NOON,
    )  # fmt: skip

    await refuse(first)

    assert len(await parts_of(order_id)) == 1
    await settle_refunds()
    await hear_all()
    await assert_sound()


async def test_money_that_a_bank_wants_back_stays_where_it_is() -> None:
    mine, _ = await two_sellers()
    order_id = await make_paid_order({mine.id: 1})
    [first] = await parts_of(order_id)
    async with transaction(SYSTEM):
        await PaymentAllocation.filter(sub_order_id=first.id).update(disputed_minor=1)

    await refuse(first)

    assert len(await parts_of(order_id)) == 1


async def test_the_ledger_may_hear_of_the_money_after_it_moved_on() -> None:
    mine, _ = await two_sellers()
    order_id = await make_paid_order({mine.id: 2})
    [first] = await parts_of(order_id)
    await refuse(first)
    second = await asks_again(order_id)
    await accepting.accept(principal=member(second.vendor_id), sub_order_id=second.id, now=NOON)
    await ship(second.id, second.vendor_id)

    await hear_all()

    await assert_sound()


async def test_the_decision_says_who_was_asked_and_who_was_left_out() -> None:
    mine, theirs = await two_sellers()
    order_id = await make_paid_order({mine.id: 2})
    [first] = await parts_of(order_id)
    await refuse(first)
    second = await asks_again(order_id)

    decision = await RoutingDecision.get(sub_order_id=second.id)

    assert decision.cause is Cause.REROUTED
    [decided] = decision.lines
    verdicts = {one["offer_id"]: (one["verdict"], one["reason"]) for one in decided["candidates"]}
    assert verdicts == {str(mine.id): ("out", "left_out"), str(theirs.id): ("won", None)}
    assert list(decision.taken) == [str(first.lines[0].id)]


async def test_the_rules_may_let_the_first_vendor_pay_what_a_replacement_costs_more() -> None:
    mine, _ = await two_sellers(price=10_00, other_price=11_00)
    order_id = await make_paid_order({mine.id: 2})
    await RoutingRuleSet.all().update(
        document={"rankers": [{"name": "price"}], "bearer": "vendor"}, edition=2
    )
    [first] = await parts_of(order_id)
    await refuse(first)
    await hear_all()
    assert await Adjustment.all().count() == 0

    await ship_everything(order_id)
    for _ in range(2):
        await hear_all()

    [charged] = await Adjustment.all()
    assert (charged.vendor_id, charged.amount_minor) == (mine.vendor_id, 2_00)
    await assert_sound()


async def test_the_customer_sees_who_sends_it_and_staff_the_whole_story() -> None:
    mine, theirs = await two_sellers()
    order_id = await make_paid_order({mine.id: 2})
    [first] = await parts_of(order_id)
    await refuse(first)
    link = Principal(Kind.TOKEN, order_id)

    seen = await queries.find(principal=link, order_id=order_id)
    whole = await queries.find(principal=SYSTEM, order_id=order_id)

    assert [part.vendor_id for part in seen.sub_orders] == [theirs.vendor_id]
    assert [part.state for part in whole.sub_orders] == [
        SubOrderState.REFUSED, SubOrderState.AWAITING_ACCEPTANCE,
    ]  # fmt: skip
    assert seen.total_minor == first.total_minor
