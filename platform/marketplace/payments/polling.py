"""Events that no webhook brought: the provider's own lists are compared with the inbox.

The provider lists the platform's events and those of each connected account apart, thirty days
back. What is read again finds itself in the inbox and changes nothing.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Protocol

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.payments import inbox
from marketplace.payments.gateway import OutcomeUnknown
from marketplace.payments.inbox import ReceivedEvent

logger = logging.getLogger(__name__)

PLATFORM = ""  # how the platform's own list is named among the accounts
EVERY = timedelta(hours=1)
# Read again each time: an event may be listed a little after the moment it bears.
OVERLAP = timedelta(minutes=10)
KEPT_BY_PROVIDER = timedelta(days=30)

AT_ONCE = 4  # accounts side by side: each waits for the provider most of the time

_DUE = """
    SELECT account, polled_until FROM provider_poll
    WHERE polled_until <= $1 AND (next_at IS NULL OR next_at <= $2)
    ORDER BY coalesce(next_at, polled_until)
"""
_WATCH = """
    INSERT INTO provider_poll (account, polled_until) VALUES ($1, $2)
    ON CONFLICT (account) DO NOTHING
"""
_UNWATCH = "DELETE FROM provider_poll WHERE account = $1"
_POLLED = """
    UPDATE provider_poll
    SET polled_until = greatest(polled_until, $2), failures = 0, next_at = NULL
    WHERE account = $1
"""
# A minute, two, four … and then every six hours.
_FAILED = """
    UPDATE provider_poll SET failures = failures + 1, next_at = $2::timestamptz
        + least(interval '1 min' * 2 ^ least(failures, 10), interval '6 h')
    WHERE account = $1
"""
_KNOWN = "SELECT event_id FROM provider_event WHERE event_id = ANY($1)"


class EventFeed(Protocol):
    """Where the provider lists what happened; a look-up that may end with OutcomeUnknown."""

    def list_events(
        self, account: str | None, *, created_from: datetime
    ) -> AsyncIterator[list[ReceivedEvent]]:
        """Events of the platform (None) or of a connected account, page by page."""


async def watch(account: str, *, now: datetime) -> None:
    """Poll an account's events from now on, in the caller's transaction."""
    await connection().execute(_WATCH, account, now)


async def unwatch(account: str) -> None:
    """Poll an account's events no more, in the caller's transaction."""
    await connection().execute(_UNWATCH, account)


async def poll_events(*, gateway: EventFeed, now: datetime, at_once: int = AT_ONCE) -> int:
    """Keep what the inbox lacks of each account that was not polled for an hour; how many were.

    An account the provider does not answer for is asked again a little later, and less and less
    often; nothing is missed, because the next answer begins where the last one ended. Any number
    of processes may poll at the same time; this one asks `at_once` accounts side by side.
    """
    async with transaction(SYSTEM) as connection:
        await connection.execute(_WATCH, PLATFORM, now - EVERY)
        due = await connection.fetch(_DUE, now - EVERY, now)
    free = asyncio.Semaphore(at_once)

    async def poll(account: str, since: datetime) -> bool:
        async with free:
            return await _try(account, since, gateway, now)

    polls = [poll(row["account"], row["polled_until"]) for row in due]
    ended = await asyncio.gather(*polls, return_exceptions=True)
    for error in ended:
        if isinstance(error, BaseException):
            raise error
    return ended.count(True)


async def _try(account: str, since: datetime, gateway: EventFeed, now: datetime) -> bool:
    try:
        await _poll(account, since, gateway, now)
    except OutcomeUnknown:
        logger.warning("events of %s could not be listed", account or "the platform")
        async with transaction(SYSTEM) as connection:
            await connection.execute(_FAILED, account, now)
        return False
    return True


async def _poll(account: str, since: datetime, gateway: EventFeed, now: datetime) -> None:
    oldest = max(since - OVERLAP, now - KEPT_BY_PROVIDER)
    async for page in gateway.list_events(account or None, created_from=oldest):
        for event in await _missing(page):
            await inbox.keep(event, now=now)
    async with transaction(SYSTEM) as connection:
        await connection.execute(_POLLED, account, now)


async def _missing(page: list[ReceivedEvent]) -> list[ReceivedEvent]:
    """Those the inbox does not have, the oldest first."""
    async with transaction(SYSTEM, read_only=True) as connection:
        rows = await connection.fetch(_KNOWN, [event.event_id for event in page])
    known = {row["event_id"] for row in rows}
    return [event for event in reversed(page) if event.event_id not in known]
