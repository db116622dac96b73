"""A worker process with consumers of its own, to be killed: python -m tests.worker.bells.

Its consumers leave a row for each event they take; one of them takes its time, so that a kill
finds it in the middle.
"""

import asyncio
import logging
import os
from datetime import datetime, timedelta

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.outbox.routes import Kind, Queue, Received, Route
from marketplace_runtime.ticking import Tick
from marketplace_runtime.worker import Pace, work

EFFECT = "INSERT INTO customer (id, email, name, created_at) VALUES ($1, $2, $3, $4)"


async def ring(event: Received, *, now: datetime) -> None:
    """Inside: exactly once."""
    await connection().execute(EFFECT, new_id(now), "rang@bells.test", str(event.event_id), now)
    await asyncio.sleep(0.02)


async def call(event: Received, *, now: datetime) -> None:
    """Outside, with effects of its own that are safe to repeat."""
    async with transaction(SYSTEM) as connected:
        await connected.execute(
            f"{EFFECT} ON CONFLICT DO NOTHING", event.event_id, "called@bells.test", "", now
        )


async def sleep(event: Received, *, now: datetime) -> None:
    """A provider that is slow."""
    await asyncio.sleep(0.9)
    async with transaction(SYSTEM) as connected:
        await connected.execute(
            f"{EFFECT} ON CONFLICT DO NOTHING", event.event_id, "slept@bells.test", "", now
        )


async def nothing_due(now: datetime) -> int:
    return 0


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    asyncio.run(
        work(
            database_url=os.environ["BELLS_DATABASE_URL"],
            redis_url=os.environ["BELLS_REDIS_URL"],
            routes={
                "bell.rang": [
                    Route("ringer", ring),
                    Route("caller", call, Kind.OUTSIDE),
                ],
                "bell.paid": [Route("sleeper", sleep, Kind.OUTSIDE, Queue.MONEY)],
            },
            ticks=[Tick("nothing", every_seconds=0.2, run=nothing_due)],
            pace=Pace(job_seconds=1, in_flight=timedelta(seconds=2)),
        )
    )


if __name__ == "__main__":
    main()
