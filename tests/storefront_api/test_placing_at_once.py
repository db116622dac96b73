import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders.models import Order
from tests.counting import counted_statements
from tests.factories import make_channel, make_offer, make_rate, make_vendor, stock_of
from tests.storefront_api.shop import Shop, documented

pytestmark = pytest.mark.anyio


async def orders() -> int:
    async with transaction(SYSTEM, read_only=True):
        return await Order.all().count()


async def test_fifty_requests_with_one_key_at_once_get_one_order_and_equal_answers(
    shop: Shop,
) -> None:
    mug, lamp = await make_offer(on_hand=60), await make_offer(sku="lamp", on_hand=60)
    await make_channel()
    cart = await shop.filled_cart({mug.id: 1, lamp.id: 1})

    answers = await asyncio.gather(*(shop.place(cart, key="once") for _ in range(50)))

    assert answers == [answers[0]] * 50
    assert answers[0]["order"]["status"] == "PENDING_PAYMENT"
    assert await orders() == 1
    assert await stock_of(mug.id) == (60, 1)


async def test_eight_shoppers_for_the_last_piece_get_one_order_and_seven_refusals(
    shop: Shop,
) -> None:
    mug = await make_offer(on_hand=1)
    await make_channel()
    carts = [await shop.filled_cart({mug.id: 1}) for _ in range(8)]

    answers = await asyncio.gather(*(shop.place(cart) for cart in carts))

    refusals = [answer["shortages"] for answer in answers if "shortages" in answer]
    assert [[short["available"] for short in shortages] for shortages in refusals] == [[0]] * 7
    assert await orders() == 1
    assert await stock_of(mug.id) == (1, 1)


async def test_two_hundred_buyers_of_fifty_pieces_get_exactly_fifty(shop: Shop) -> None:
    mug = await make_offer(on_hand=50)
    await make_channel()
    carts = [await shop.filled_cart({mug.id: 1}) for _ in range(200)]

    answers = await asyncio.gather(*(place_patiently(shop, cart) for cart in carts))

    kinds = Counter(answer.get("__typename", "placed") for answer in answers)
    assert kinds == {"placed": 50, "InsufficientStock": 150}
    assert await stock_of(mug.id) == (50, 50)


async def test_placing_forty_lines_takes_as_many_statements_as_placing_one(shop: Shop) -> None:
    vendors = [await make_vendor() for _ in range(4)]
    for vendor in vendors:
        await make_rate(vendor.id, "express")
    offers = [
        await make_offer(vendor=vendors[number % 4], sku=f"mug{number}") for number in range(40)
    ]
    await make_channel()

    # The first order of a process also reads the routing rules, which it keeps from then on.
    await statements_to_place(shop, {offers[1].id: 1})
    one = await statements_to_place(shop, {offers[0].id: 1})
    express = [vendor.id for vendor in vendors[:2]]
    forty = await statements_to_place(shop, {offer.id: 1 for offer in offers}, express=express)

    # The clock; the cart with all it depends on; the order; and the six of looking at it.
    assert len(forty) == len(one) == 9, forty


async def place_patiently(shop: Shop, cart: str) -> Any:
    """As the documentation says: with the same key again while no connection is free."""
    while True:
        response = await shop.post(documented("PlaceOrder"), cart=cart, key=cart)
        if response.status_code != 503:
            return response.json()["data"]["placeOrder"]


async def statements_to_place(
    shop: Shop, basket: dict[UUID, int], *, express: Sequence[UUID] = ()
) -> list[str]:
    cart = await shop.filled_cart(basket)
    for vendor_id in express:
        await shop.choose(cart, vendor_id, "express")
    async with counted_statements() as statements:
        assert (await shop.place(cart))["order"]["number"]
    return statements
