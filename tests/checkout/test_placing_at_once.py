import asyncio
from uuid import UUID

import pytest

from marketplace.checkout import placing
from marketplace.checkout.errors import InsufficientStock
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders.models import Order
from tests.factories import GUEST, NOON, make_cart, make_offer, stock_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("committed_db")]


async def place(token: str, key: str) -> UUID:
    return await placing.place_order(principal=GUEST, token=token, key=key, now=NOON)


async def orders() -> int:
    async with transaction(SYSTEM, read_only=True):
        return await Order.all().count()


async def test_fifty_requests_with_one_key_at_once_make_one_order() -> None:
    mug = await make_offer(on_hand=60)
    token = await make_cart({mug.id: 1})

    placed = await asyncio.gather(*(place(token, "once") for _ in range(50)))

    assert len(set(placed)) == 1
    assert await orders() == 1
    assert await stock_of(mug.id) == (60, 1)


async def test_two_hundred_buyers_of_fifty_pieces_get_exactly_fifty() -> None:
    mug = await make_offer(on_hand=50)
    tokens = [await make_cart({mug.id: 1}) for _ in range(200)]

    results = await asyncio.gather(
        *(place(token, token) for token in tokens), return_exceptions=True
    )

    assert sum(isinstance(result, UUID) for result in results) == 50
    assert sum(isinstance(result, InsufficientStock) for result in results) == 150
    assert await orders() == 50
    assert await stock_of(mug.id) == (50, 50)


async def test_the_last_piece_is_sold_once_and_the_others_hear_how_many_there_are() -> None:
    mug = await make_offer(on_hand=1)
    tokens = [await make_cart({mug.id: 1}) for _ in range(8)]

    results = await asyncio.gather(
        *(place(token, token) for token in tokens), return_exceptions=True
    )

    refusals = [result for result in results if isinstance(result, InsufficientStock)]
    assert len(refusals) == 7
    assert [refusal.shortages[0].available for refusal in refusals] == [0] * 7
    assert await orders() == 1


async def test_carts_that_share_offers_in_opposite_order_do_not_deadlock() -> None:
    mug, lamp = await make_offer(on_hand=40), await make_offer(sku="lamp", on_hand=40)
    tokens = [
        await make_cart(basket)
        for _ in range(20)
        for basket in ({mug.id: 1, lamp.id: 1}, {lamp.id: 1, mug.id: 1})
    ]

    await asyncio.gather(*(place(token, token) for token in tokens))

    assert await stock_of(mug.id) == (40, 40)
    assert await stock_of(lamp.id) == (40, 40)
