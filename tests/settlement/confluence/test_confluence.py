"""The provider's news may come in any order, twice or not at all: the end is the same, to a byte.

The provider stands still while it is told: what is asked again is answered as it is today.
"""

import random
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from difflib import unified_diff
from pathlib import Path

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.outbox import draining
from marketplace.payments import inbox, polling
from marketplace.payments.inbox import ReceivedEvent
from marketplace_runtime.embedded.services import RunningServices
from marketplace_runtime.routes import LEDGER, PROVIDER, SETTLEMENT, all_routes
from settlement.invariants import checking
from tests.conftest import Database
from tests.parts import part_of
from tests.payments.world import OVER_HTTP
from tests.settlement.confluence.day import events_of, unheard_day, until_the_evening_before
from tests.settlement.confluence.remembering import by_heart
from tests.settlement.confluence.writing import written
from tests.settlement.simulation.play import Play, no_mail
from tests.settlement.simulation.stage import a_stage

pytestmark = OVER_HTTP

ORDERS = 200
PARTS = 4
HEARING = {LEDGER, PROVIDER, SETTLEMENT}
_UNTAKEN = """
    SELECT type, object_id, attempts, dead_at, next_at, last_error FROM delivery
    JOIN outbox_event event ON event.id = event_id
    LEFT JOIN provider_event ON provider_event.id = (event.payload->>'provider_event_id')::uuid
    WHERE consumer = ANY('{ledger,provider,settlement}') AND done_at IS NULL
"""


class _Undo(Exception):
    pass


@pytest.fixture
async def play(
    services: RunningServices, template: Database, tmp_path: Path
) -> AsyncIterator[Play]:
    """On the evening of a day on which nothing was heard."""
    async with a_stage(services, template.name, tmp_path) as stage, stage.world() as world:
        one = Play(world, stage.cast)
        await until_the_evening_before(one)
        await unheard_day(one)
        yield one


@pytest.mark.parametrize("part", range(PARTS), ids=part_of(PARTS))
async def test_a_days_news_in_any_order_ends_in_the_same_books(part: int, play: Play) -> None:
    events = await events_of(play)
    hearing = Hearing(play)
    in_order = await hearing.end(events, is_checked=True)
    assert {"dispute", "refund", "payout"} <= {event.type.split(".")[-2] for event in events}

    for seed in range(part, ORDERS, PARTS):
        told = await hearing.end(news(events, random.Random(seed)))

        difference = list(unified_diff(in_order.splitlines(), told.splitlines(), lineterm="", n=0))
        assert told == in_order, f"seed {seed}:\n" + "\n".join(difference)


def news(events: Sequence[ReceivedEvent], chance: random.Random) -> list[ReceivedEvent]:
    """A fifth of it lost, a fifth of it doubled, all of it in some order."""
    copies = [event for event in events for _ in range(chance.choice((0, 1, 1, 1, 2)))]
    chance.shuffle(copies)
    return copies


class Hearing:
    """Tells a marketplace its news, looks at what came of it, and takes everything back."""

    def __init__(self, play: Play) -> None:
        self.now = play.now
        gateway = by_heart(play.world.gateway)
        self.connect = by_heart(play.world.connect)
        self.routes = all_routes(postman=no_mail, gateway=gateway, connect=self.connect)

    async def end(self, events: Sequence[ReceivedEvent], *, is_checked: bool = False) -> str:
        """Where these events and then the poll lead to; what is the same needs no second check."""
        told = ""
        try:
            async with transaction(SYSTEM):
                told = await self._hear(events)
                if is_checked:
                    report = await checking.check_all(connection())
                    assert report.violations == (), str(report)
                raise _Undo
        except _Undo:
            return told

    async def _hear(self, events: Sequence[ReceivedEvent]) -> str:
        now = self.now
        for number, event in enumerate(events):
            now += timedelta(seconds=1)
            await inbox.keep(event, now=now)
            if number % 5 == 0:
                await self._drain(now)
        now = self.now + timedelta(hours=2)
        await polling.poll_events(gateway=self.connect, now=now, at_once=1)
        for _ in range(3):  # what could not be taken before its turn comes again
            await self._drain(now)
            now += timedelta(minutes=20)
        await connection().execute("SET CONSTRAINTS ALL IMMEDIATE")
        untaken = await connection().fetch(_UNTAKEN)
        assert not untaken, [tuple(row) for row in untaken]
        text = await written(connection())
        await connection().execute("SET CONSTRAINTS ALL DEFERRED")
        return text

    async def _drain(self, now: datetime) -> None:
        await draining.drain(routes=self.routes, now=now, consumers=HEARING)
