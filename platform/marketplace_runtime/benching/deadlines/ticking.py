"""A worker's tick for deadlines in a process of its own, until none is due any more."""

import asyncio
import sys

import uvloop

from marketplace.kit import clock
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import deadlines
from marketplace_runtime.orm import connected
from marketplace_runtime.ticking import Tick
from marketplace_runtime.worker import BREATH_SECONDS

# What somebody else has under way is due until it commits, or dies.
_DUE = """
    SELECT count(*) FROM sla_clock
    WHERE state IN ('running', 'warned') AND kind = 'ship_by' AND due_at < $1
"""


async def tick(database_url: str) -> None:
    """As a worker ticks, resting between two handfuls."""
    async with connected(database_url, pool_size=2):
        every = Tick("deadlines", 1, lambda now: deadlines.work_off(now=now), BREATH_SECONDS)
        while True:
            await asyncio.sleep(min(await every.step(), BREATH_SECONDS))
            if not await left():
                return


async def left() -> int:
    """Deadlines to ship that have passed and that nobody has acted on."""
    now = await clock.now()
    async with transaction(SYSTEM, read_only=True):
        return int(await connection().fetchval(_DUE, now))


if __name__ == "__main__":
    # The address comes in on standard input: everybody on the machine could read an argument.
    uvloop.run(tick(sys.stdin.readline().strip()))
