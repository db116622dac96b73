"""Accounts are asked for missed events side by side, and the silent ones less and less often."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.payments import polling
from marketplace.payments.gateway import OutcomeUnknown
from marketplace.payments.inbox import ReceivedEvent
from marketplace.payments.models import ProviderPoll
from tests.conftest import Database
from tests.factories import NOON

pytestmark = pytest.mark.anyio

SILENT = "acct_silent"


@dataclass
class Feed:
    """A provider that lists nothing, and for one account does not answer."""

    silent: bool = True
    asked: list[tuple[str, datetime]] = field(default_factory=list)
    now_asked: int = 0
    most_at_once: int = 0

    async def list_events(
        self, account: str | None, *, created_from: datetime
    ) -> AsyncIterator[list[ReceivedEvent]]:
        self.asked.append((account or "", created_from))
        self.now_asked += 1
        self.most_at_once = max(self.most_at_once, self.now_asked)
        await asyncio.sleep(0.01)
        self.now_asked -= 1
        if self.silent and account == SILENT:
            raise OutcomeUnknown("It does not answer.")
        yield []


async def watch(*accounts: str) -> None:
    async with transaction(SYSTEM):
        for account in accounts:
            await polling.watch(account, now=NOON - timedelta(hours=2))


async def test_accounts_are_polled_side_by_side_and_not_all_at_once(
    committed_db: Database,
) -> None:
    await watch(*(f"acct_{number}" for number in range(11)))
    feed = Feed()

    assert await polling.poll_events(gateway=feed, now=NOON) == 12  # and the platform

    assert feed.most_at_once == polling.AT_ONCE
    assert await polling.poll_events(gateway=feed, now=NOON + timedelta(minutes=59)) == 0


async def test_a_silent_account_is_asked_less_and_less_often_and_misses_nothing(
    committed_db: Database,
) -> None:
    await watch(SILENT, "acct_well")
    feed = Feed()

    polled = [
        await polling.poll_events(gateway=feed, now=NOON + timedelta(minutes=minute))
        for minute in (0, 0.9, 1, 2.9, 3)
    ]
    feed.silent = False
    at_last = await polling.poll_events(gateway=feed, now=NOON + timedelta(minutes=7))

    assert polled == [2, 0, 0, 0, 0]
    assert at_last == 1
    since = NOON - timedelta(hours=2) - polling.OVERLAP
    assert [asked for asked in feed.asked if asked[0] == SILENT] == 4 * [(SILENT, since)]
    async with transaction(SYSTEM, read_only=True):
        poll = await ProviderPoll.get(account=SILENT)
    assert (poll.failures, poll.next_at) == (0, None)
    assert poll.polled_until == NOON + timedelta(minutes=7)
