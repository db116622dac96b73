"""The whole marketplace is killed in the middle of a rush, and started again."""

import asyncio

import pytest

from tests.faults.rushing import nothing_is_lost_or_doubled, rush
from tests.journeys.buying import Shop
from tests.journeys.running import Marketplace

pytestmark = pytest.mark.anyio


async def test_the_whole_killed_in_a_rush_and_started_again_costs_nobody_anything(
    souk: Marketplace, shop: Shop
) -> None:
    async def strike() -> None:
        await asyncio.to_thread(souk.kill)
        await asyncio.to_thread(souk.start)

    before, crowd = await rush(souk, shop, strike=strike)

    await nothing_is_lost_or_doubled(souk, before, crowd)
