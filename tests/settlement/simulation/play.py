"""One story as it is played: who is there, what time it is, and all that works by itself."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from marketplace.kit import failpoints
from marketplace.kit.errors import DomainError
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.outbox import draining
from marketplace.outbox.routes import Received, Routes
from marketplace.payments.gateway import OutcomeUnknown
from marketplace_runtime.routes import MAIL, all_routes
from marketplace_runtime.schedule import all_ticks
from marketplace_runtime.ticking import Tick
from tests.payments.world import World
from tests.settlement.simulation.cast import Cast

FIGURES = "vendors' figures"
ROUNDS = 12  # of working until nothing is left; more than that is a loop
_TABLES = """
    SELECT format('SELECT %L AS name, count(*) AS n, coalesce(max(xmin::text::bigint), 0) AS newest'
        ' FROM %I', relname, relname) AS counting
    FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
        AND relnamespace = 'public'::regnamespace
        AND has_table_privilege(oid, 'SELECT') ORDER BY relname
"""


class Killed(BaseException):
    """The process would have ended here: whatever catches an Exception does not catch it."""


class Violated(Exception):
    """Something that must hold does not."""


@dataclass
class Play:
    world: World
    cast: Cast
    orders: list[UUID] = field(default_factory=list)
    _counting: str = ""

    @property
    def now(self) -> datetime:
        return self.world.now

    @cached_property
    def routes(self) -> Routes:
        return all_routes(postman=no_mail, gateway=self.world.gateway, connect=self.world.connect)

    @cached_property
    def consumers(self) -> set[str]:
        return {way.consumer for ways in self.routes.values() for way in ways} - {MAIL}

    @cached_property
    def ticks(self) -> Sequence[Tick]:
        """All but the one that judges vendors: it moves no money."""
        ticks = all_ticks(gateway=self.world.gateway, connect=self.world.connect)
        return [tick for tick in ticks if tick.name != FIGURES]

    async def pass_time(self, **span: float) -> None:
        await self.world.pass_time(**span)
        await self.provider_acts()

    async def provider_acts(self) -> None:
        """What is due at the provider is done, and what it has to say is said."""
        for _ in range(ROUNDS):
            answer = await self.world.sandbox.http.post("/_sandbox/deliveries/due")
            if not answer.json()["worked"]:
                return

    async def work(self) -> None:
        """The worker's consumers and ticks, until nothing is left to do at this moment."""
        for _ in range(ROUNDS):
            await self.provider_acts()
            done = await draining.drain(routes=self.routes, now=self.now, consumers=self.consumers)
            for tick in self.ticks:
                try:
                    done += await tick.run(self.now)
                except OutcomeUnknown:
                    continue  # as in the worker: the tick comes again
            if not done:
                return
        raise Violated(f"the work does not end at {self.now}")

    async def work_twice(self) -> None:
        """Two workers beside each other; where one dies, the other works on."""
        ended = await asyncio.gather(self.work(), self.work(), return_exceptions=True)
        for error in ended:
            if error is not None:
                raise error

    async def attempt(self, what: str, act: Callable[[], Awaitable[object]]) -> str:
        """Somebody tries something that calls nobody: a refusal must leave every row as it was."""
        before = await self._rows()
        try:
            await act()
        except DomainError as refused:
            after = await self._rows()
            changed = [
                name for name, (n, newest) in after.items()
                if n != before[name][0] or newest > before[name][1]
            ]  # fmt: skip
            if changed:
                raise Violated(f"{what}: refused, yet changed {', '.join(changed)}") from refused
            return f"{what}: refused, {refused.code}"
        return what

    async def fetch(self, sql: str, *values: object) -> list[Any]:
        async with transaction(SYSTEM, read_only=True) as connection:
            found: list[Any] = await connection.fetch(sql, *values)
            return found

    async def one(self, pick: int, sql: str, *values: object) -> Any:
        """One of the rows, or None where there are none."""
        rows = await self.fetch(sql, *values)
        return rows[pick % len(rows)] if rows else None

    async def door(self, path: str, **asked: object) -> int:
        """What the sandbox's own door answers with; it may say no."""
        answer = await self.world.sandbox.http.post(f"/_sandbox/{path}", json=asked)
        return answer.status_code

    async def _rows(self) -> dict[str, tuple[int, int]]:
        if not self._counting:
            tables = await self.fetch(_TABLES)
            self._counting = " UNION ALL ".join(row["counting"] for row in tables)
        return {row["name"]: (row["n"], row["newest"]) for row in await self.fetch(self._counting)}


def kill_at(name: str) -> None:
    """The next time somebody arrives there, it ends."""

    def end(_: int) -> None:
        raise Killed(name)

    failpoints.arm(name, is_production=False, end=end)


def nobody_dies() -> None:
    failpoints.arm(None, is_production=False)


async def no_mail(event: Received, *, now: datetime) -> None:
    """Letters have tests of their own."""
