"""Work that becomes due by the clock instead of by an event."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from marketplace.kit import clock


@dataclass(frozen=True, slots=True)
class Tick:
    """`run` takes what is due at a time and says how much it was; any number may run at once."""

    name: str
    every_seconds: float
    run: Callable[[datetime], Awaitable[int]]

    async def step(self) -> float:
        """Again at once while there is something to do, else after a rest."""
        done = await self.run(await clock.now())
        return 0.0 if done else self.every_seconds
