"""Let the history happen: every step in the order of its time, deadlines and books beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from marketplace.orders import deadlines
from marketplace.outbox import draining
from marketplace_runtime.replaying.planning import Entry, Plan, Step
from marketplace_runtime.replaying.steps import Steps
from marketplace_runtime.replaying.treasury import GOES_ON_FOR, Treasury
from marketplace_runtime.routes import ledger_routes

TICK = timedelta(hours=1)
DRAINED_EVERY = 400  # steps
DEADLINES_AT_ONCE = 1_000

# The books hear of money. Whatever else would act on an event is left out for good: nobody is
# written to about orders of years ago.
ROUTES = ledger_routes()


@dataclass(slots=True)
class Driver:
    plan: Plan
    steps: Steps
    treasury: Treasury
    _ticked_at: datetime = field(default=datetime(1970, 1, 1, tzinfo=UTC), init=False)

    async def drive(self, entries: Sequence[Entry], *, advance: Callable[[int], None]) -> datetime:
        """Take the steps, then let some weeks of payouts pass; the moment when they had.

        `advance` hears of every step. Entries are in the order of their time.
        """
        for number, entry in enumerate(entries, start=1):
            await self._tick(entry.at)
            await self._take(entry)
            if number % DRAINED_EVERY == 0:
                await self._drain(entry.at)
            advance(1)
        ended_at = self.plan.timeline()[-1].at
        await self._drain(ended_at)
        settled_at = ended_at + GOES_ON_FOR
        await self.treasury.until(settled_at)
        await self._drain(settled_at)
        return settled_at

    async def _take(self, entry: Entry) -> None:
        order = self.plan.orders[entry.number]
        steps = self.steps
        take = {
            Step.PLACE: steps.place,
            Step.PAY: steps.pay,
            Step.SHIP: steps.ship,
            Step.DELIVER: steps.deliver,
            Step.REFUND: steps.refund,
        }[entry.step]
        await take(order, entry.at)

    async def _tick(self, now: datetime) -> None:
        """What a worker does all the time: look at the deadlines that passed, and the money."""
        if now.date() != self._ticked_at.date():
            await self._drain(now)
            await self.treasury.until(now)
        if now - self._ticked_at >= TICK:
            while await deadlines.work_off(now=now, limit=DEADLINES_AT_ONCE):
                pass
            self._ticked_at = now

    async def _drain(self, now: datetime) -> None:
        await draining.drain(routes=ROUTES, now=now)
