from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import Database
from tests.payments.world import World, a_world
from tests.settlement.reconciliation.desk import Desk, a_desk


@pytest.fixture
async def world(committed_db: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path) as one:
        yield one


@pytest.fixture
async def desk(world: World, committed_db: Database) -> AsyncIterator[Desk]:
    one = await a_desk(world, committed_db.owner_url)
    yield one
    await one.books.close()
