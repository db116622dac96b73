import asyncio
from uuid import UUID

import asyncpg
import pytest

from marketplace.catalog.errors import UnknownOffer
from marketplace.checkout import placing
from marketplace.checkout.errors import CartAlreadyOrdered, InsufficientStock
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders.models import Order, OrderLine
from tests.conftest import Database
from tests.factories import GUEST, NOON, make_cart, make_offer, stock_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("committed_db")]

_WAITING = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND transactionid IS NOT NULL)"


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


async def test_one_cart_ordered_with_several_keys_at_once_makes_one_order() -> None:
    mug = await make_offer(on_hand=60)
    token = await make_cart({mug.id: 1})

    results = await asyncio.gather(
        *(place(token, str(key)) for key in range(20)), return_exceptions=True
    )

    assert sum(isinstance(result, UUID) for result in results) == 1
    assert sum(isinstance(result, CartAlreadyOrdered) for result in results) == 19
    assert await orders() == 1
    assert await stock_of(mug.id) == (60, 1)


async def test_what_changes_while_it_is_ordered_is_read_again(committed_db: Database) -> None:
    mug = await make_offer(on_hand=60, price=10_00)
    other = await asyncpg.connect(committed_db.owner_url)
    changes = {
        "UPDATE offer SET price_minor = 20_00": (1, 20_00),
        "UPDATE cart_line SET quantity = 3; UPDATE cart SET version = version + 1": (3, 20_00),
        "UPDATE offer SET is_active = false": UnknownOffer,
    }
    for change, expected in changes.items():
        token = await make_cart({mug.id: 1})
        async with asyncio.timeout(20), other.transaction():
            await other.execute("SELECT 1 FROM cart FOR UPDATE")
            placing_it = asyncio.create_task(place(token, token))
            while not await other.fetchval(_WAITING):  # noqa: ASYNC110 # PostgreSQL tells
                await asyncio.sleep(0.01)
            await other.execute(change)

        if isinstance(expected, type):
            with pytest.raises(expected):
                await placing_it
            continue
        order_id = await placing_it
        async with transaction(SYSTEM, read_only=True):
            line = await OrderLine.get(order_id=order_id)
        assert (line.quantity, line.unit_price_minor) == expected
    await other.close()


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
