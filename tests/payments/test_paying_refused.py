"""Who may not pay, and what cannot be one of paying's inputs: refused, and nothing changes."""

from uuid import UUID, uuid4

import pytest

from marketplace.checkout import carts, placing
from marketplace.checkout.payment_errors import OrderNotPayable
from marketplace.inventory import adjusting
from marketplace.inventory.models import Stock
from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import transaction
from marketplace.orders import deadlines
from marketplace.payments.models import AttemptState
from marketplace.pricing.models import Discount
from marketplace.risk import screening
from settlement.invariants.check import Violation
from settlement.invariants.checking import check_all
from tests.factories import GUEST, NOON, make_cart, make_offer, make_order, make_vendor
from tests.payments.world import BACK, OVER_HTTP, World

pytestmark = OVER_HTTP


async def an_order_for_nothing(key: str) -> UUID:
    """A code pays for the goods, and the vendor for the way."""
    mug = await make_offer(vendor=await make_vendor(shipping=0))
    token = await make_cart({mug.id: 1})
    async with transaction(SYSTEM):
        await Discount.get_or_create(
            code="GIFT",
            defaults={
                "id": new_id(NOON),
                "amount_minor": 99_00,
                "currency": "EUR",
                "valid_from": NOON,
            },
        )
    await carts.set_discount(principal=GUEST, token=token, code="gift")
    return await placing.place_order(principal=GUEST, token=token, key=key, now=NOON)


async def violations() -> tuple[Violation, ...]:
    async with transaction(SYSTEM, isolation="REPEATABLE READ", read_only=True) as connection:
        return (await check_all(connection)).violations


async def test_a_cancelled_order_cannot_be_paid(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.pass_time(minutes=31)
    await deadlines.work_off(now=world.now)

    with pytest.raises(OrderNotPayable):
        await world.pay(order_id)

    assert await world.intents() == []


async def test_an_order_that_costs_nothing_is_paid_in_time_or_not_at_all(world: World) -> None:
    in_time, too_late = await an_order_for_nothing("one"), await an_order_for_nothing("two")
    assert await violations() == ()

    paid = await world.pay(in_time)

    assert (paid.state, paid.attempt_id) == (AttemptState.CAPTURED, None)
    assert await world.states(in_time) == {"awaiting_acceptance"}
    await world.pass_time(minutes=31)
    await deadlines.work_off(now=world.now)
    with pytest.raises(OrderNotPayable):
        await world.pay(too_late)
    assert await world.pay(in_time) == paid
    assert await world.states(too_late) == {"cancelled"}
    assert await world.intents() == []
    assert await violations() == ()


async def test_an_order_that_costs_nothing_and_is_sold_out_by_then_is_not_called_paid(
    world: World,
) -> None:
    order_id = await an_order_for_nothing("one")
    async with transaction(SYSTEM):
        shelf = await Stock.get()
    await adjusting.count(
        principal=SYSTEM, stock_id=shelf.id, change_from=shelf.on_hand, to=0, now=world.now
    )

    refused = await world.pay(order_id)

    assert refused.state is AttemptState.FAILED
    assert refused.failure_message == screening.PAID_TOO_LATE
    assert await world.states(order_id) == {"cancelled"}
    with pytest.raises(OrderNotPayable):
        await world.pay(order_id)


async def test_somebody_elses_order_does_not_exist(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    strangers = [
        Principal(Kind.CUSTOMER, id=uuid4()),
        Principal(Kind.GUEST, id=uuid4()),
        Principal(Kind.GUEST),
        Principal(Kind.TOKEN, id=uuid4()),
    ]

    for stranger in strangers:
        with pytest.raises(NotFound):
            await world.pay(order_id, by=stranger)

    assert await world.intents() == []


async def test_the_holder_of_the_orders_link_may_pay(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})

    result = await world.pay(order_id, by=Principal(Kind.TOKEN, id=order_id))

    assert result.state is AttemptState.CAPTURED


async def test_its_customer_may_pay_an_order(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    customer_id = await world.value("SELECT customer_id FROM orders")

    result = await world.pay(order_id, by=Principal(Kind.CUSTOMER, id=customer_id))

    assert result.state is AttemptState.CAPTURED


async def test_a_vendor_pays_nobodys_order(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    vendor = Principal(Kind.VENDOR, id=uuid4(), vendor_id=uuid4())

    with pytest.raises(Forbidden):
        await world.pay(order_id, by=vendor)


async def test_a_payment_method_that_cannot_be_one_is_refused(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})

    for card in ["", "x" * 81, "pm_ü"]:
        with pytest.raises(InvalidInput, match="paymentMethod"):
            await world.pay(order_id, card=card)


async def test_a_key_that_cannot_be_kept_is_refused(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})

    for key in ["", "k" * 256]:
        with pytest.raises(InvalidInput, match="idempotencyKey"):
            await world.pay(order_id, key=key)


async def test_an_address_nobody_can_come_back_to_is_refused(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})

    for url in ["", "javascript:alert(1)", "/back", f"{BACK}/{'x' * 2000}", "https://[shop/"]:
        with pytest.raises(InvalidInput, match="returnUrl"):
            await world.pay(order_id, return_url=url)
