"""Handle one delivery: its effects and its done mark belong together."""

import asyncio
import json
import logging
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.outbox.routes import Kind, Received, Route, Routes, find

ATTEMPTS = 8
HANDLING_SECONDS = 25  # below the job's own limit, so that a handler that hangs is on record
_LONGEST_WAIT = timedelta(hours=1)

logger = logging.getLogger(__name__)

COLUMNS = """
    delivery.id AS delivery_id, delivery.consumer, delivery.attempts, event.id AS event_id,
    event.name, event.stream_id, event.seq, event.payload, event.happened_at
"""

_READ = f"""
    SELECT {COLUMNS} FROM delivery JOIN outbox_event AS event ON event.id = delivery.event_id
    WHERE delivery.id = $1 AND delivery.done_at IS NULL AND delivery.dead_at IS NULL
"""
# Skipped, not waited for: whoever holds it is handling it.
_LOCK = f"{_READ} FOR UPDATE OF delivery SKIP LOCKED"

_DONE = """
    UPDATE delivery SET done_at = $2, last_error = NULL
    WHERE id = ANY($1) AND done_at IS NULL AND dead_at IS NULL
"""

# Compared with the attempts we saw, so that one failure is counted once.
_FAILED = """
    UPDATE delivery SET attempts = attempts + 1, last_error = $3, next_at = $4, dead_at = $5
    WHERE id = $1 AND attempts = $2 AND done_at IS NULL AND dead_at IS NULL
"""


class Outcome(StrEnum):
    DONE = "done"
    SKIPPED = "skipped"  # done before, set aside, or in other hands
    FAILED = "failed"


async def consume(*, delivery_id: UUID, routes: Routes, now: datetime) -> Outcome:
    """Hand the event to its consumer unless that has happened; safe to call any number of times.

    A handler that fails changes nothing but the record of its failure: the delivery comes back
    later, and is set aside, visible, after the eighth time. Where the database itself is gone
    nothing can be recorded: that raises, and the delivery comes back uncounted.
    """
    async with transaction(SYSTEM, read_only=True) as connection:
        row = await connection.fetchrow(_READ, delivery_id)
    if row is None:
        return Outcome.SKIPPED
    try:
        route = find(routes, event=row["name"], consumer=row["consumer"])
        async with asyncio.timeout(HANDLING_SECONDS):
            if route.kind is Kind.OUTSIDE:
                return await _outside(route, row, now)
            return await _inside(route, delivery_id, now)
    except Exception as error:
        await fail(
            delivery_id=delivery_id,
            attempts=row["attempts"],
            error=f"{type(error).__name__}: {error}",
            now=now,
        )
        logger.exception("%s did not take %s", row["consumer"], row["name"])
        return Outcome.FAILED


async def fail(*, delivery_id: UUID, attempts: int, error: str, now: datetime) -> None:
    """Count one more failure after `attempts` of them, and say when to try again, if ever."""
    dead_at = now if attempts + 1 >= ATTEMPTS else None
    async with transaction(SYSTEM) as connection:
        await connection.execute(
            _FAILED, delivery_id, attempts, error[:2000], now + wait_after(attempts), dead_at
        )


def wait_after(attempts: int) -> timedelta:
    """2 seconds after the first failure, then four times as long each time, up to an hour."""
    return min(timedelta(seconds=2 * 4**attempts), _LONGEST_WAIT)


async def mark_done(connection: Any, *, delivery_ids: list[UUID], now: datetime) -> None:
    await connection.execute(_DONE, delivery_ids, now)


def received(row: Any) -> Received:
    return Received(
        event_id=row["event_id"],
        name=row["name"],
        stream_id=row["stream_id"],
        seq=row["seq"],
        payload=json.loads(row["payload"]),
        happened_at=row["happened_at"],
    )


async def _inside(route: Route, delivery_id: UUID, now: datetime) -> Outcome:
    async with transaction(SYSTEM) as connection:
        row = await connection.fetchrow(_LOCK, delivery_id)
        if row is None:
            return Outcome.SKIPPED
        await route.handle(received(row), now=now)
        await mark_done(connection, delivery_ids=[delivery_id], now=now)
    return Outcome.DONE


async def _outside(route: Route, row: Any, now: datetime) -> Outcome:
    await route.handle(received(row), now=now)
    async with transaction(SYSTEM) as connection:
        await mark_done(connection, delivery_ids=[row["delivery_id"]], now=now)
    return Outcome.DONE
