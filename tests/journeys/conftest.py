from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser

from tests.journeys import browsing
from tests.journeys.buying import Shop
from tests.journeys.running import Marketplace, a_marketplace


@pytest.fixture(scope="package")
def souk() -> Iterator[Marketplace]:
    with a_marketplace() as marketplace:
        yield marketplace


@pytest.fixture(scope="module")
async def chromium(anyio_backend: str) -> AsyncIterator[Browser]:
    async with browsing.chromium() as browser:
        yield browser


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where each page that was looked at leaves its screenshots."""
    directory = tmp_path / "pictures"
    directory.mkdir()
    return directory


@pytest.fixture
async def shop(souk: Marketplace) -> AsyncIterator[Shop]:
    """A program of the marketplace's storefront developers."""
    async with httpx.AsyncClient(base_url=souk.address, trust_env=False, timeout=30) as http:
        yield Shop(http)
