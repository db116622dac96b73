"""Anything is killed in the middle of a rush: no order is lost and nothing happens twice."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import pytest

from tests.faults.shoppers import Crowd
from tests.faults.stocktaking import (
    Stock,
    each_got_one_mail,
    each_is_there_once,
    pieces_of,
    reserved_meanwhile,
    stock_of,
)
from tests.journeys.buying import Shop, all_offers
from tests.journeys.following import books_agree, caught_up
from tests.journeys.running import Marketplace

pytestmark = pytest.mark.anyio

ORDERS = 60
AT_ONCE = 12
STRIKE_AFTER = 15


async def baskets(souk: Marketplace, shop: Shop) -> list[dict[str, int]]:
    """Everybody wants the same offer, each with something of another vendor's."""
    offers = {offer.id: offer.vendor for offer in await all_offers(shop)}
    left = {
        offer: on_hand - reserved
        for offer, (on_hand, reserved) in (await stock_of(souk)).items()
        if offer in offers
    }
    hot = max(left, key=lambda offer: left[offer])
    assert left[hot] >= ORDERS
    chosen = []
    for _ in range(ORDERS):
        others = [offer for offer in left if offers[offer] != offers[hot]]
        other = max(others, key=lambda offer: left[offer])
        left[other] -= 1
        chosen.append({hot: 1, other: 1})
    return chosen


async def rush(
    souk: Marketplace, shop: Shop, *, strike: Callable[[], Awaitable[object]]
) -> tuple[Stock, Crowd]:
    """Shoppers buy, something is struck in the middle, all get their answers all the same."""
    before, wanted = await stock_of(souk), await baskets(souk, shop)
    crowd = Crowd(shop, strike_after=STRIKE_AFTER)

    async def in_the_middle() -> None:
        await crowd.halfway.wait()
        assert len(crowd.acknowledged) < ORDERS
        await strike()

    async with asyncio.TaskGroup() as together:
        together.create_task(in_the_middle())
        together.create_task(crowd.buy(wanted, at_once=AT_ONCE))
    return before, crowd


async def nothing_is_lost_or_doubled(souk: Marketplace, before: Stock, crowd: Crowd) -> None:
    await caught_up(souk)

    assert len(crowd.acknowledged) == ORDERS
    await each_is_there_once(souk, crowd.acknowledged)
    assert reserved_meanwhile(before, await stock_of(souk)) == pieces_of(crowd.acknowledged)
    await each_got_one_mail(souk, crowd.acknowledged)
    await books_agree(souk)


@pytest.mark.parametrize("part", ["web", "worker", "valkey", "postgres", "sandbox"])
async def test_a_part_killed_in_a_rush_costs_nobody_anything(
    souk: Marketplace, shop: Shop, part: str
) -> None:
    killed = souk.pid(part)

    async def strike() -> None:
        os.kill(killed, signal.SIGKILL)

    before, crowd = await rush(souk, shop, strike=strike)

    await nothing_is_lost_or_doubled(souk, before, crowd)
    assert souk.pid(part) != killed


async def test_the_whole_killed_in_a_rush_and_started_again_costs_nobody_anything(
    souk: Marketplace, shop: Shop
) -> None:
    async def strike() -> None:
        await asyncio.to_thread(souk.kill)
        await asyncio.to_thread(souk.start)

    before, crowd = await rush(souk, shop, strike=strike)

    await nothing_is_lost_or_doubled(souk, before, crowd)
