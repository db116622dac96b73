from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import Database
from tests.paying.world import Paying
from tests.payments.world import a_world


@pytest.fixture
async def shop(committed_db: Database, tmp_path: Path) -> AsyncIterator[Paying]:
    async with a_world(tmp_path) as world:
        paying = Paying(world)
        await paying.daily()
        yield paying
