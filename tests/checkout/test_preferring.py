"""What a customer cares for is kept with the cart, heard when places are chosen, and kept there."""

from uuid import UUID

import pytest

from marketplace.catalog.models import Offer
from marketplace.checkout import carts, placing
from marketplace.checkout.errors import CartAlreadyOrdered
from marketplace.kit.errors import InvalidInput
from marketplace.orders import accepting
from marketplace.orders.models import OrderLine
from marketplace.routing.models import Cause, LocationProfile, RoutingDecision
from tests.factories import (
    GUEST,
    NOON,
    make_cart,
    make_offer,
    make_vendor,
    member,
    parts_of,
    pay,
)
from tests.routing.places import make_location

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def place(token: str) -> UUID:
    return await placing.place_order(principal=GUEST, token=token, key=token, now=NOON)


async def prefer(token: str, preference: str | None) -> None:
    await carts.set_preference(principal=GUEST, token=token, preference=preference)


async def a_slow_and_a_quick_place() -> tuple[Offer, UUID]:
    """Both in the same country; the slow one is asked first, nobody knows how slow it is."""
    mug = await make_offer(on_hand=9)
    quick, _ = await make_location(mug, "quick", priority=9, on_hand=9)
    await LocationProfile.create(location_id=quick, vendor_id=mug.vendor_id, promise_days=1)
    return mug, quick


async def test_the_place_that_serves_best_what_the_customer_wants_is_chosen() -> None:
    mug, quick = await a_slow_and_a_quick_place()
    tokens = {wish: await make_cart({mug.id: 1}) for wish in (None, "soonest", "nearest")}

    for wish, token in tokens.items():
        await prefer(token, wish)
    orders = {wish: await place(token) for wish, token in tokens.items()}

    sent_from = {
        wish: (await OrderLine.get(order_id=order_id)).location_id
        for wish, order_id in orders.items()
    }
    kept = {
        wish: (await RoutingDecision.get(order_id=order_id)).inputs["preference"]
        for wish, order_id in orders.items()
    }
    assert [wish for wish, location in sent_from.items() if location == quick] == ["soonest"]
    assert kept == {None: None, "soonest": "soonest", "nearest": "nearest"}


async def test_a_wish_can_be_taken_back_until_the_cart_is_ordered() -> None:
    mug, quick = await a_slow_and_a_quick_place()
    token = await make_cart({mug.id: 1})

    await prefer(token, "soonest")
    await prefer(token, None)
    order_id = await place(token)

    assert (await OrderLine.get(order_id=order_id)).location_id != quick
    with pytest.raises(CartAlreadyOrdered):
        await prefer(token, "soonest")


@pytest.mark.parametrize("unknown", ["", "SOONEST", "cheapest", "x" * 500])
async def test_a_wish_that_nobody_knows_is_refused_and_says_which_there_are(unknown: str) -> None:
    mug = await make_offer()
    token = await make_cart({mug.id: 1})

    with pytest.raises(InvalidInput) as refused:
        await prefer(token, unknown)

    assert refused.value.name == "preference"
    assert "soonest, fewest_parcels, nearest" in refused.value.message
    assert len(refused.value.message) < 200


async def test_who_sends_it_instead_is_chosen_by_the_same_wish() -> None:
    mine = await make_offer(on_hand=5)
    await make_offer(vendor=await make_vendor(name="Loom"), like=mine, on_hand=5)
    token = await make_cart({mine.id: 1})
    await prefer(token, "soonest")
    order_id = await place(token)
    await pay(order_id)
    [part] = await parts_of(order_id)
    [line] = await OrderLine.filter(sub_order_id=part.id)

    await accepting.accept(
        principal=member(part.vendor_id), sub_order_id=part.id, refused={line.id: 1},
        reason="broken", now=NOON,
    )  # fmt: skip

    kept = {
        decision.cause: decision.inputs["preference"]
        for decision in await RoutingDecision.filter(order_id=order_id)
    }
    assert kept == {Cause.PLACED: "soonest", Cause.REROUTED: "soonest"}
