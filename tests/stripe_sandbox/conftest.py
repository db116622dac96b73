"""One sandbox a test, in a file of its own, whose books and answers are checked at the end."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stripe_sandbox.running import (
    Endpoint,
    HandClock,
    Sandbox,
    an_endpoint,
    config_in,
    running,
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with an_endpoint() as listening:
        yield listening


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """Without a webhook endpoint: events are only stored."""
    async with running(config_in(tmp_path), HandClock(), Endpoint()) as one:
        yield one
        assert await one.violations() == []
        assert (await one.books())["agrees"]


@pytest.fixture
async def wired(tmp_path: Path, endpoint: Endpoint) -> AsyncIterator[Sandbox]:
    """With a webhook endpoint."""
    config = config_in(tmp_path, webhook_url=endpoint.url)
    async with running(config, HandClock(), endpoint) as one:
        yield one
        assert await one.violations() == []
        assert (await one.books())["agrees"]
