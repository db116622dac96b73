"""Consume everything that is due here and now, without a queue: for replays and tests."""

import logging
from collections.abc import Collection
from datetime import datetime
from typing import Any

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.outbox import consuming, routing
from marketplace.outbox.claiming import DUE
from marketplace.outbox.routes import Kind, Routes, find

logger = logging.getLogger(__name__)

_TAKE = f"""
    WITH due AS ({DUE})
    SELECT {consuming.COLUMNS}
    FROM due JOIN delivery USING (id) JOIN outbox_event AS event ON event.id = delivery.event_id
    ORDER BY event.happened_at, event.stream_id, event.seq
"""

_CHECK_NOW = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"


class _BatchFailed(Exception):
    """One of a batch failed, so none of it happened; carries whom to handle one by one."""

    def __init__(self, rows: list[Any]) -> None:
        self.rows = rows


async def drain(
    *,
    routes: Routes,
    now: datetime,
    consumers: Collection[str] | None = None,
    limit: int = 500,
) -> int:
    """Route and consume until nothing is due at `now`; how many deliveries were consumed.

    `consumers` leaves the others' deliveries for later. Up to `limit` deliveries share one
    transaction; where one of them fails, that batch is handled one by one, so that a failure
    costs the others nothing. What failed waits for its next attempt and is not counted.
    """
    total = 0
    while await routing.route(routes=routes, now=now, limit=2 * limit):
        pass
    while True:
        found, done = await _batch(routes, now, consumers, limit)
        total += done
        if not found:
            return total
        # Handlers may have recorded events of their own.
        while await routing.route(routes=routes, now=now, limit=2 * limit):
            pass


async def _batch(
    routes: Routes, now: datetime, consumers: Collection[str] | None, limit: int
) -> tuple[int, int]:
    """How many deliveries were found, and how many of them are done."""
    try:
        rows, alone = await _together(routes, now, consumers, limit)
        done = len(rows) - len(alone)
    except _BatchFailed as failed:
        rows, alone, done = failed.rows, failed.rows, 0
    for row in alone:
        outcome = await consuming.consume(delivery_id=row["delivery_id"], routes=routes, now=now)
        done += outcome is consuming.Outcome.DONE
    return len(rows), done


async def _together(
    routes: Routes, now: datetime, consumers: Collection[str] | None, limit: int
) -> tuple[list[Any], list[Any]]:
    """Handle all that work inside a transaction in one; answers with all, and with the rest."""
    names = None if consumers is None else list(consumers)
    alone, inside = [], []
    async with transaction(SYSTEM) as connection:
        rows = await connection.fetch(_TAKE, now, limit, names)
        try:
            for row in rows:
                route = find(routes, event=row["name"], consumer=row["consumer"])
                if route.kind is Kind.OUTSIDE:
                    alone.append(row)
                    continue
                await route.handle(consuming.received(row), now=now)
                inside.append(row["delivery_id"])
            # What PostgreSQL would find at commit it finds here, while the batch can be taken back.
            await connection.execute(_CHECK_NOW)
        except Exception as error:
            logger.info("a batch of %d is handled one by one: %s", len(rows), error)
            raise _BatchFailed(rows) from error
        if inside:
            await consuming.mark_done(connection, delivery_ids=inside, now=now)
    return rows, alone
