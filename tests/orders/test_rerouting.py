"""What one vendor cannot send, the next one does; or the customer has the money back."""

from datetime import timedelta
from uuid import UUID

import pytest

from marketplace.accounts.models import Vendor
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.orders import accepting, deadlines, queries
from marketplace.orders.history_models import Reroute
from marketplace.orders.states import SubOrderState
from marketplace.payments.models import Refund
from marketplace.routing.models import Cause, RoutingDecision
from tests.factories import NOON, make_offer, make_paid_order, make_vendor, member, parts_of
from tests.orders.rerouting import asks_again, refuse, two_sellers
from tests.settlement.test_journeys import assert_sound, hear_all, settle_refunds, ship

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


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
