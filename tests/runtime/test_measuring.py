"""What a phase of a bench is said to have sent."""

import pytest
from tortoise.connection import get_connections

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace_runtime.benching.measuring import measured
from tests.conftest import Database

pytestmark = pytest.mark.anyio


async def test_statements_are_counted_however_many_a_connection_has_sent(
    committed_db: Database,
) -> None:
    async def look() -> None:
        async with transaction(SYSTEM, read_only=True) as connection:
            await connection.fetchval("SELECT 1")

    async with measured("look", 1, "looks") as once:
        await look()
    for holder in get_connections().get("default")._pool._holders:
        holder._max_queries = 1

    async with measured("look", 100, "looks") as often:
        for _ in range(100):
            await look()

    assert often.statements == 100 * once.statements > 0
