from collections.abc import AsyncIterator

import pytest

from tests.notifications.catching import MailServer, catching


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with catching() as server:
        yield server
