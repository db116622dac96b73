"""Work that becomes due by the clock instead of by an event."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from marketplace.kit import clock


@dataclass(frozen=True, slots=True)
class Tick:
    """`run` takes what is due at a time and says how much it was; any number may run at once.

    Between two handfuls of many it rests `breath_seconds`, for what shoppers wait for.
    """

    name: str
    every_seconds: float
    run: Callable[[datetime], Awaitable[int]]
    breath_seconds: float = 0.0

    async def step(self) -> float:
        """Again soon while there is something to do, else after a rest."""
        done = await self.run(await clock.now())
        return self.breath_seconds if done else self.every_seconds
