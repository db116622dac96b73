"""Any part is killed in the middle of a rush: no order is lost and nothing happens twice."""

import os
import signal

import pytest

from tests.faults.rushing import nothing_is_lost_or_doubled, rush
from tests.journeys.buying import Shop
from tests.journeys.running import Marketplace

pytestmark = pytest.mark.anyio


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
