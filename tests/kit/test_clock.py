from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tortoise.connection import get_connections

from marketplace.kit import clock
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("committed_db")]


async def questions_of(asked: int) -> int:
    """How often the database heard of the clock while it was asked this often."""
    heard: list[str] = []

    def note(record: Any) -> None:
        heard.append(record.query)

    async with transaction(SYSTEM):
        pass
    client: Any = get_connections().get("default")
    for holder in client._pool._holders:
        if holder._con is None:
            await holder.connect()
        holder._con.add_query_logger(note)
    for _ in range(asked):
        await clock.now()
    return sum("FROM clock" in query for query in heard)


async def test_the_systems_clock_is_asked_for_its_mode_once_in_a_while() -> None:
    assert await questions_of(20) == 1
    assert await clock.now() - datetime.now(UTC) < timedelta(seconds=1)  # noqa: TID251


async def test_a_clock_that_this_process_makes_virtual_is_virtual_at_once() -> None:
    await clock.now()
    later = datetime(2031, 2, 3, 4, 5, tzinfo=UTC)

    await clock.advance(later)

    assert [await clock.now() for _ in range(3)] == [later] * 3
    assert await questions_of(3) == 3
