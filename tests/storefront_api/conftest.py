from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from marketplace.payments.stripe_gateway import StripeGateway
from tests.back_office.conftest import marketplace
from tests.conftest import Database
from tests.factories import NOON
from tests.marketplace_web.conftest import ManualClock, browser_for
from tests.payments.world import World, a_world
from tests.storefront_api.shop import Shop, a_shop


@pytest.fixture
async def shop(committed_db: Database) -> AsyncIterator[Shop]:
    """No payment provider listens: paying is tested with `paying_shop`."""
    gateway = StripeGateway(api_key="sk_test_none", api_base="http://127.0.0.1:9")
    async with a_shop(gateway) as one:
        yield one
    await gateway.close()


@pytest.fixture
async def world(committed_db: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path) as one:
        yield one


@pytest.fixture
async def paying_shop(world: World) -> AsyncIterator[Shop]:
    """The shop of a world with its payment provider's sandbox."""
    async with a_shop(world.gateway) as one:
        yield one


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
async def browser(committed_db: Database, clock: ManualClock) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_for(marketplace(clock)) as client:
        yield client
