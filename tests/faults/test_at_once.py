"""Many at the same moment, over HTTP: one key is one order, and a piece is sold once."""

import asyncio
from collections import Counter
from typing import Any
from uuid import uuid4

import pytest

from tests.faults.shoppers import fill_cart, until_answered
from tests.faults.stocktaking import reserved_meanwhile, stock_of
from tests.journeys.buying import Shop, offer_of
from tests.journeys.following import books_agree, caught_up
from tests.journeys.running import Marketplace

pytestmark = pytest.mark.anyio

ORDERS = "SELECT count(*) FROM orders"


async def filled_carts(shop: Shop, offer: str, number: int) -> list[str]:
    return await asyncio.gather(
        *(
            fill_cart(shop, {offer: 1}, email=f"racer-{uuid4().hex[:8]}@example.com")
            for _ in range(number)
        )
    )


async def place_all(shop: Shop, carts: list[str]) -> list[Any]:
    """All at once; each with a key of its own."""
    return await asyncio.gather(
        *(until_answered(shop, "PlaceOrder", cart=cart, key=str(uuid4())) for cart in carts)
    )


async def test_fifty_simultaneous_requests_with_one_key_make_one_order(
    souk: Marketplace, shop: Shop
) -> None:
    trivet = await offer_of(shop, "Oliveira & Filhos", "Cork trivet")
    cart = await fill_cart(shop, {trivet: 2}, email="eager@example.com")
    orders, before = await souk.value(ORDERS), await stock_of(souk)

    answers = await asyncio.gather(
        *(until_answered(shop, "PlaceOrder", cart=cart, key="one-key") for _ in range(50))
    )

    assert len({answer["order"]["number"] for answer in answers}) == 1
    assert await souk.value(ORDERS) == orders + 1
    assert reserved_meanwhile(before, await stock_of(souk)) == {trivet: 2}


async def test_two_hundred_buyers_for_fifty_pieces_buy_exactly_fifty(
    souk: Marketplace, shop: Shop
) -> None:
    napkins = await offer_of(shop, "Norra Textil", "Linen napkins, four", "Natural")
    before = await stock_of(souk)
    assert before[napkins] == (50, 0)
    carts = await filled_carts(shop, napkins, 200)

    answers = await place_all(shop, carts)

    placed = [answer for answer in answers if "order" in answer]
    refused = [answer for answer in answers if "order" not in answer]
    assert len({answer["order"]["number"] for answer in placed}) == 50
    assert Counter(answer["code"] for answer in refused) == {"INSUFFICIENT_STOCK": 150}
    assert reserved_meanwhile(before, await stock_of(souk)) == {napkins: 50}


async def test_eight_shoppers_for_the_last_bell_make_one_order_and_seven_hear_that_none_is_left(
    souk: Marketplace, shop: Shop
) -> None:
    bell = await offer_of(shop, "Kiln & Co", "The last bell")
    before = await stock_of(souk)
    carts = await filled_carts(shop, bell, 8)

    answers = await place_all(shop, carts)

    refused = [answer for answer in answers if "order" not in answer]
    assert len(refused) == 7
    for answer in refused:
        assert answer["code"] == "INSUFFICIENT_STOCK"
        assert answer["shortages"] == [{"offerId": bell, "wanted": 1, "available": 0}]
    assert reserved_meanwhile(before, await stock_of(souk)) == {bell: 1}
    await caught_up(souk)
    await books_agree(souk)
