"""Events for a worker, and how far it has come with them."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from redis.asyncio import Redis

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from tests.outbox.recorded import Rang, an_order, happened

PATIENCE_SECONDS = 60.0


async def ring(times: int) -> None:
    for _ in range(times):
        await happened(Rang(order_id=an_order()))


async def effects(of: str) -> int:
    async with transaction(SYSTEM, read_only=True) as connection:
        count: int = await connection.fetchval(
            "SELECT count(*) FROM customer WHERE email = $1", f"{of}@bells.test"
        )
        return count


async def undone() -> int:
    async with transaction(SYSTEM, read_only=True) as connection:
        count: int = await connection.fetchval(
            """SELECT (SELECT count(*) FROM delivery WHERE done_at IS NULL)
                + (SELECT count(*) FROM outbox_event WHERE routed_at IS NULL)"""
        )
        return count


async def until(holds: Callable[[], Awaitable[bool]], log: Path) -> None:
    """Wait for what a worker process is about to do."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await holds():
        assert time.monotonic() < deadline, _end_of(log)
        await asyncio.sleep(0.05)


def _end_of(log: Path) -> str:
    return log.read_text()[-3000:]


async def some_are_done() -> bool:
    return await effects("rang") >= 20


async def all_are_done() -> bool:
    return await undone() == 0


async def forget_everything(redis_url: str) -> None:
    redis = Redis.from_url(redis_url)
    await redis.flushdb()
    await redis.aclose()
