from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from marketplace.accounts.models import Customer
from marketplace.catalog.errors import UnknownOffer
from marketplace.catalog.models import Offer
from marketplace.checkout import carts, placing
from marketplace.checkout.errors import (
    CartAlreadyOrdered,
    CartIncomplete,
    InsufficientStock,
    PriceChanged,
)
from marketplace.kit.idempotency import KeyReused
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Kind, Principal
from marketplace.orders.history_models import StateChange
from marketplace.orders.models import Order, OrderLine, SubOrder
from marketplace.orders.states import SubOrderState
from marketplace.outbox.models import OutboxEvent
from marketplace.payments.models import Payment, PaymentAllocation
from marketplace.routing.snapshots import MOST_CANDIDATES
from marketplace.sla.models import SlaClock
from tests.factories import (
    GUEST,
    NOON,
    euros,
    make_cart,
    make_channel,
    make_offer,
    make_order,
    stock_of,
)
from tests.inventory.shelves import add_shelf

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

LATER = NOON + timedelta(hours=1)


async def place(token: str, *, key: str = "key", expected: int | None = None) -> UUID:
    total = None if expected is None else euros(expected)
    return await placing.place_order(
        principal=GUEST, token=token, key=key, now=NOON, expected_total=total
    )


async def test_a_cart_from_two_vendors_becomes_two_sub_orders() -> None:
    mug, lamp = await make_offer(price=12_00), await make_offer(sku="lamp", price=80_00)

    order_id = await make_order({mug.id: 2, lamp.id: 1})

    order = await Order.get(id=order_id)
    assert order.number.startswith("M-1")
    assert (order.items_minor, order.shipping_minor) == (104_00, 8_00)
    assert order.tax_minor == 21_28  # 19 % of 112.00
    assert order.total_minor == 133_28
    parts = await SubOrder.filter(order_id=order_id).order_by("number")
    assert [part.number for part in parts] == [f"{order.number}-A", f"{order.number}-B"]
    assert {part.vendor_id: part.total_minor for part in parts} == {
        mug.vendor_id: 33_32,
        lamp.vendor_id: 99_96,
    }
    assert {part.state for part in parts} == {SubOrderState.PENDING}


async def test_placing_records_its_payment_clock_history_and_event() -> None:
    mug = await make_offer(price=12_00)

    order_id = await make_order({mug.id: 1})

    payment = await Payment.get(order_id=order_id)
    [share] = await PaymentAllocation.filter(payment_id=payment.id)
    assert payment.amount_minor == share.amount_minor == 19_04
    clock = await SlaClock.get(subject_id=order_id)
    assert clock.due_at == NOON + placing.PAY_WITHIN
    [event] = await OutboxEvent.filter(stream_id=order_id)
    assert (event.name, event.seq, event.payload) == (
        "order.placed", 1, {"order_id": str(order_id)},
    )  # fmt: skip
    change = await StateChange.get(order_id=order_id)
    assert (change.event_id, change.move) == (event.id, "place")


async def test_a_line_freezes_price_tax_and_commission() -> None:
    mug = await make_offer(price=12_00)

    order_id = await make_order({mug.id: 2})

    line = await OrderLine.get(order_id=order_id)
    assert (line.unit_price_minor, line.net_minor, line.tax_minor) == (12_00, 24_00, 4_56)
    assert (line.vendor_minor, line.commission_minor, line.commission_vat_minor) == (
        24_00, 3_60, 72,
    )  # fmt: skip


async def test_a_refused_cart_leaves_no_trace() -> None:
    plenty, scarce = await make_offer(on_hand=9), await make_offer(sku="lamp", on_hand=1)
    token = await make_cart({plenty.id: 1, scarce.id: 2})

    with pytest.raises(InsufficientStock) as refusal:
        await place(token)

    [short] = refusal.value.shortages
    assert (short.offer_id, short.wanted, short.available) == (scarce.id, 2, 1)
    assert await Order.all().count() == 0
    assert await stock_of(plenty.id) == (9, 0)


async def test_a_full_shelf_among_many_that_have_too_few_is_found() -> None:
    mug = await make_offer(on_hand=0)
    for number in range(MOST_CANDIDATES):
        await add_shelf(mug.id, on_hand=1, priority=number + 2)
    full = await add_shelf(mug.id, on_hand=9, priority=99, now=LATER)  # with the highest id

    order_id = await make_order({mug.id: 2})

    assert (await OrderLine.get(order_id=order_id)).location_id == full.location_id


async def test_a_retried_request_answers_with_the_first_order() -> None:
    mug = await make_offer(on_hand=5)
    token = await make_cart({mug.id: 2})

    first, again = await place(token, key="once"), await place(token, key="once")

    assert again == first
    assert await stock_of(mug.id) == (5, 2)


async def test_a_key_used_for_another_request_is_refused() -> None:
    mug = await make_offer(on_hand=5)
    token = await make_cart({mug.id: 2})
    await place(token, key="once")

    with pytest.raises(KeyReused):
        await place(token, key="once", expected=1_00)

    assert await stock_of(mug.id) == (5, 2)


async def test_a_cart_is_ordered_once_whatever_the_key() -> None:
    mug = await make_offer(on_hand=5)
    token = await make_cart({mug.id: 2})
    order_id = await place(token, key="first")

    with pytest.raises(CartAlreadyOrdered) as refusal:
        await place(token, key="second")

    assert refusal.value.order_number == (await Order.get(id=order_id)).number
    assert await Order.all().count() == 1


async def test_a_key_used_for_another_cart_is_refused() -> None:
    mug = await make_offer(on_hand=5)
    await make_order({mug.id: 1}, key="once")

    with pytest.raises(KeyReused):
        await make_order({mug.id: 1}, key="once")

    assert await Order.all().count() == 1
    assert await stock_of(mug.id) == (5, 1)


async def test_who_signs_in_after_filling_the_cart_owns_the_order() -> None:
    mug = await make_offer()
    token = await make_cart({mug.id: 1})
    ana = await Customer.create(id=new_id(NOON), email="ana@x.test", name="Ana", created_at=NOON)

    order_id = await placing.place_order(
        principal=Principal(Kind.CUSTOMER, id=ana.id), token=token, key="k", now=NOON
    )

    assert (await Order.get(id=order_id)).customer_id == ana.id
    assert await Customer.all().count() == 1


async def test_a_price_that_changed_after_the_quote_is_refused() -> None:
    mug = await make_offer(price=12_00)
    token = await make_cart({mug.id: 1})
    await Offer.filter(id=mug.id).update(price_minor=13_00)

    with pytest.raises(PriceChanged) as refusal:
        await place(token, expected=19_04)

    assert refusal.value.total == euros(20_23)
    assert await Order.all().count() == 0


async def test_an_offer_taken_down_is_refused() -> None:
    mug = await make_offer()
    token = await make_cart({mug.id: 1})
    await Offer.filter(id=mug.id).update(is_active=False)

    with pytest.raises(UnknownOffer):
        await place(token)


async def test_an_unknown_offer_does_not_enter_a_cart() -> None:
    with pytest.raises(UnknownOffer):
        await make_cart({uuid4(): 1})


async def test_an_empty_cart_says_what_it_lacks() -> None:
    await make_channel()
    _, token = await carts.create(principal=GUEST, channel_code="eu", now=NOON)

    with pytest.raises(CartIncomplete) as refusal:
        await place(token)

    assert list(refusal.value.missing) == [
        "an address", "an e-mail address", "at least one offer",
    ]  # fmt: skip
