from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.journeys.buying import Shop
from tests.journeys.running import Marketplace, a_marketplace


@pytest.fixture(scope="package")
def souk() -> Iterator[Marketplace]:
    with a_marketplace() as marketplace:
        yield marketplace


@pytest.fixture
async def shop(souk: Marketplace) -> AsyncIterator[Shop]:
    """Room for hundreds of shoppers at once; what waits here waits for the marketplace."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=40)
    async with httpx.AsyncClient(
        base_url=souk.address, trust_env=False, timeout=30, limits=limits
    ) as http:
        yield Shop(http)
