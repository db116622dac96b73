"""Lists cost one query a level, however long they are."""

import pytest

from tests.counting import counted_statements
from tests.factories import make_channel, make_offer, make_vendor
from tests.storefront_api.shop import Shop, documented

pytestmark = pytest.mark.anyio

ORDERS = """
    query ($first: Int!) { me { orders(first: $first) { edges { node {
        number status paymentStatus trackingUrl
        subOrders { number vendor { name } lines { name } shipments { carrier } }
        refunds { status }
        events(first: 5) { edges { node { kind } } }
    } } } } }
"""
PROMISES = """
    query ($first: Int!) { products(channel: "eu", first: $first) { edges { node {
        variants { offers { availability(country: "DE") { quantity kind leavesOn } } }
    } } } }
"""
BEGIN_AND_COMMIT = 2


async def test_a_page_of_products_takes_one_query_for_each_level(shop: Shop) -> None:
    vendors = [await make_vendor() for _ in range(3)]
    for number in range(30):
        await make_offer(vendor=vendors[number % 3], sku=f"mug{number}")
    await make_channel()

    counts = []
    for first in (1, 30):
        async with counted_statements() as statements:
            found = await shop.do("Products", channel="eu", first=first)
        assert len(found["edges"]) == first
        counts.append(len(statements))

    # The channel and the page; variants; offers; vendors; stock.
    assert counts == [5 * BEGIN_AND_COMMIT + 6] * 2


async def test_what_a_page_of_products_can_promise_takes_one_query_more(shop: Shop) -> None:
    vendor = await make_vendor()
    for number in range(9):
        await make_offer(vendor=vendor, sku=f"mug{number}")
    await make_channel()

    counts = []
    for first in (1, 9):
        async with counted_statements() as statements:
            found = await shop.ask(PROMISES, first=first)
        assert len(found["edges"]) == first
        counts.append(len(statements))

    # The channel and the page; variants; offers; stock.
    assert counts == [4 * BEGIN_AND_COMMIT + 5] * 2


async def test_a_page_shows_each_product_once_and_in_the_same_order(shop: Shop) -> None:
    vendor = await make_vendor()
    for number in range(7):
        await make_offer(vendor=vendor, sku=f"mug{number}")
    await make_channel()
    whole = await shop.do("Products", channel="eu", first=100)

    seen, after = [], None
    while True:
        page = await shop.do("Products", channel="eu", first=3, after=after)
        seen += page["edges"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert seen == whole["edges"]
    assert len(seen) == 7


async def test_a_page_of_orders_takes_as_many_queries_as_one_order(shop: Shop) -> None:
    mug, lamp = await make_offer(on_hand=50), await make_offer(sku="lamp", on_hand=50)
    await make_channel()
    await shop.register()
    for number in range(8):
        cart = await shop.filled_cart({mug.id: 1, lamp.id: 1})
        await shop.place(cart, key=f"key {number}")

    counts = []
    for first in (1, 8):
        async with counted_statements() as statements:
            found = await shop.ask(ORDERS, first=first)
        edges = found["orders"]["edges"]
        assert len(edges) == first
        assert all(edge["node"]["events"]["edges"] for edge in edges)
        counts.append(len(statements))

    # The session; the account; orders, lines, shipments, refunds, sub-orders; events.
    assert counts == [4 * BEGIN_AND_COMMIT + 8] * 2


async def test_a_cart_takes_one_query_for_each_level(shop: Shop) -> None:
    vendor = await make_vendor()
    offers = [await make_offer(vendor=vendor, sku=f"mug{number}") for number in range(12)]
    await make_channel()
    one = await shop.filled_cart({offers[0].id: 1})
    many = await shop.filled_cart({offer.id: 1 for offer in offers})

    counts = []
    for token in (one, many):
        async with counted_statements() as statements:
            await shop.ask(documented("ShowCart"), token=token)
        counts.append(len(statements))

    # The cart, twice; channel; lines; offers; variants; products.
    assert counts == [6 * BEGIN_AND_COMMIT + 7] * 2
