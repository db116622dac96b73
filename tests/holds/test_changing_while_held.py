"""What is paid and held can be changed like anything else, and holds end with what they hold."""

import pytest

from marketplace.inventory import adjusting
from marketplace.inventory.models import Stock
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.orders import accepting, calling_off, refunding, running_short
from marketplace.orders.errors import NothingToDo
from marketplace.orders.hold_models import AddressCorrection, HoldKind, OrderHold
from marketplace.orders.models import SubOrder
from marketplace.orders.states import SubOrderState
from marketplace.payments.models import Refund
from tests.factories import NOON, euros, make_offer, make_order, member, parts_of, pay, stock_of
from tests.holds.waiting import broken, hold, release
from tests.orders.calling_off import call_off, customer
from tests.orders.living import key, lead, line_of
from tests.orders.rerouting import asks_again, refuse, two_sellers
from tests.orders.test_running_short import news

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
S = SubOrderState


async def held_and_paid(units: int = 3) -> SubOrder:
    mug = await make_offer(price=10_00, on_hand=5)
    order_id = await make_order({mug.id: units})
    await hold(order_id, kind=HoldKind.FRAUD)
    await pay(order_id)
    [part] = await parts_of(order_id)
    return part


async def open_holds(part: SubOrder) -> int:
    return await OrderHold.filter(order_id=part.order_id, released_at=None).count()


async def test_a_customer_cancels_a_unit_of_what_is_held() -> None:
    part = await held_and_paid()
    line = await line_of(part)

    seen = await calling_off.preview(
        principal=customer(part), order_id=part.order_id, units={line.id: 1}
    )
    await call_off(part, customer(part), 1, expected=seen.refund)

    await part.refresh_from_db()
    assert (part.state, seen.refund) == (S.PENDING, euros(11_90))
    assert await stock_of(line.offer_id) == (5, 2)
    [waiting] = await OrderHold.filter(order_id=part.order_id)
    await release(waiting.id)
    await part.refresh_from_db()
    assert (part.state, (await line_of(part)).live) == (S.AWAITING_ACCEPTANCE, 2)
    assert await broken() == ()


async def test_support_gives_a_unit_of_what_is_held_back_and_then_all() -> None:
    part = await held_and_paid()
    line = await line_of(part)

    await refunding.request(
        principal=SYSTEM, order_id=part.order_id, units={line.id: 1}, shipping_of=[],
        reason="asked", key=key(), now=NOON,
    )  # fmt: skip
    assert ((await line_of(part)).live, await open_holds(part)) == (2, 1)
    await refunding.request_full(
        principal=SYSTEM, order_id=part.order_id, reason="all", key=key(), now=NOON
    )

    await part.refresh_from_db()
    assert (part.state, await open_holds(part)) == (S.CANCELLED, 0)
    assert await stock_of(line.offer_id) == (5, 0)
    assert await broken() == ()


async def test_units_that_are_missing_go_back_while_it_is_held() -> None:
    part = await held_and_paid()
    line = await line_of(part)
    shelf = await Stock.get(offer_id=line.offer_id)
    await adjusting.count(
        principal=member(part.vendor_id), stock_id=shelf.id, change_from=5, to=2, now=NOON
    )

    await running_short.on_stock_short(await news(), now=NOON)

    await part.refresh_from_db()
    assert (part.state, (await line_of(part)).live, await open_holds(part)) == (S.PENDING, 2, 1)
    assert (await Refund.get(order_id=part.order_id)).amount_minor == 11_90
    assert await broken() == ()


async def test_a_hold_ends_with_the_part_that_it_holds() -> None:
    mug, bowl = await make_offer(), await make_offer(sku="bowl")
    order_id = await make_order({mug.id: 1, bowl.id: 1})
    await pay(order_id)
    refused, cancelled = await parts_of(order_id)
    for part in (refused, cancelled):
        await hold(order_id, sub_order_id=part.id)
    whole = await hold(order_id)

    await refuse(refused)
    one_left = await open_holds(refused)
    await calling_off.cancel(
        principal=Principal(Kind.TOKEN, id=order_id), order_id=order_id, reason="x", key=key(),
        now=NOON,
    )  # fmt: skip

    assert (one_left, await open_holds(refused)) == (2, 0)
    assert (await OrderHold.get(id=whole)).note == "x"
    assert await broken() == ()


async def test_what_goes_to_another_vendor_stays_held() -> None:
    mine, theirs = await two_sellers()
    order_id = await make_order({mine.id: 2})
    await pay(order_id)
    [part] = await parts_of(order_id)
    await hold(order_id, sub_order_id=part.id, kind=HoldKind.ADDRESS, reason="No such street")

    await refuse(part)

    sent = await asks_again(order_id)
    assert (sent.vendor_id, sent.state) == (theirs.vendor_id, S.PENDING)
    [waiting] = await OrderHold.filter(order_id=order_id, released_at=None)
    assert (waiting.sub_order_id, waiting.reason) == (sent.id, "No such street")
    assert await AddressCorrection.filter(hold_id=waiting.id).count() == 1
    await release(waiting.id)
    assert (await asks_again(order_id)).state is S.AWAITING_ACCEPTANCE
    await accepting.accept(principal=member(theirs.vendor_id), sub_order_id=sent.id, now=NOON)
    assert await broken() == ()


async def test_what_is_closed_is_not_held() -> None:
    part = await lead(S.CLOSED)

    with pytest.raises(NothingToDo):
        await hold(part.order_id, kind=HoldKind.ADDRESS)

    assert await AddressCorrection.all().count() == 0
