import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from marketplace.catalog.models import Variant
from marketplace.checkout import placing
from marketplace.checkout.errors import InsufficientStock
from marketplace.checkout.placing import PAY_WITHIN
from marketplace.inventory import feeding
from marketplace.inventory.errors import StockBusy
from marketplace.inventory.feeding import LevelEvent
from marketplace.inventory.models import Stock
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders import deadlines
from marketplace.orders.states import SubOrderState
from settlement.invariants.checking import check_all
from tests.factories import GUEST, NOON, make_cart, make_offer, make_order, parts_of, pay, stock_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("committed_db")]

LATE = NOON + PAY_WITHIN + timedelta(seconds=1)


async def place(token: str) -> UUID:
    return await placing.place_order(principal=GUEST, token=token, key=token, now=LATE)


async def violations() -> list[str]:
    async with transaction(SYSTEM, isolation="REPEATABLE READ", read_only=True) as connected:
        return [found.check for found in (await check_all(connected)).violations]


async def test_fifty_buyers_of_ten_pieces_that_were_forgotten_by_others_get_exactly_ten() -> None:
    mug = await make_offer(on_hand=10)
    for _ in range(5):
        await make_order({mug.id: 2})
    tokens = [await make_cart({mug.id: 1}) for _ in range(50)]

    results = await asyncio.gather(*(place(token) for token in tokens), return_exceptions=True)

    assert sum(isinstance(result, UUID) for result in results) == 10
    assert sum(isinstance(result, InsufficientStock) for result in results) == 40
    assert await stock_of(mug.id) == (10, 10)
    assert await violations() == []


async def test_a_late_payment_and_a_new_buyer_never_both_get_the_last_piece() -> None:
    offers = [await make_offer(on_hand=1, sku=f"mug{number}") for number in range(12)]
    late = [await make_order({offer.id: 1}) for offer in offers]
    tokens = [await make_cart({offer.id: 1}) for offer in offers]

    results = await asyncio.gather(
        *(
            one
            for order_id, token in zip(late, tokens, strict=True)
            for one in (pay(order_id, now=LATE), place(token))
        ),
        return_exceptions=True,
    )

    assert all(paid is None for paid in results[::2])
    for offer, order_id, placed in zip(offers, late, results[1::2], strict=True):
        [part] = await parts_of(order_id)
        has_it = part.state is SubOrderState.AWAITING_ACCEPTANCE
        assert has_it != isinstance(placed, UUID)
        assert has_it or part.state is SubOrderState.CANCELLED
        assert await stock_of(offer.id) == (1, 1)
    assert await violations() == []


async def test_a_feed_that_takes_pieces_away_while_they_are_paid_for_promises_none_twice() -> None:
    mug = await make_offer(on_hand=10)
    async with transaction(SYSTEM, read_only=True):
        stock = await Stock.get(offer_id=mug.id)
        sku = (await Variant.get(id=mug.variant_id)).sku
    orders = [await make_order({mug.id: 1}) for _ in range(10)]

    async def tell(version: int) -> None:
        event = LevelEvent(
            event_key=str(version), sku=sku, location="main", version=version, on_hand=10 - version
        )
        await feeding.take_events(
            principal=SYSTEM, vendor_id=mug.vendor_id, events=[event], now=NOON
        )

    results = await asyncio.gather(
        *(pay(order_id) for order_id in orders),
        *(tell(version) for version in range(1, 7)),
        return_exceptions=True,
    )

    odd = {type(one) for one in results if isinstance(one, Exception)}
    assert odd <= {StockBusy}  # and such an event is sent again
    async with transaction(SYSTEM, read_only=True):
        stock = await Stock.get(id=stock.id)
    assert 0 <= stock.reserved <= stock.on_hand
    assert await violations() == []


async def test_late_payments_of_orders_that_share_offers_do_not_deadlock() -> None:
    mug, lamp = await make_offer(on_hand=12), await make_offer(sku="lamp", on_hand=12)
    late = [await make_order({mug.id: 1, lamp.id: 1}) for _ in range(12)]
    tokens = [await make_cart({mug.id: 1, lamp.id: 1}) for _ in range(12)]

    results = await asyncio.gather(
        *(pay(order_id, now=LATE) for order_id in late),
        *(place(token) for token in tokens),
        deadlines.work_off(now=LATE),
        return_exceptions=True,
    )

    odd = [one for one in results if isinstance(one, Exception)]
    assert {type(one) for one in odd} <= {InsufficientStock}
    assert await stock_of(mug.id) == await stock_of(lamp.id)
    async with transaction(SYSTEM, read_only=True):
        assert {stock.on_hand - stock.reserved >= 0 for stock in await Stock.all()} == {True}
    assert await violations() == []
