"""What the worker does when the queue calls: an id in, one operation, safe to run twice."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marketplace.kit import clock
from marketplace.outbox import consuming
from marketplace.outbox.routes import Routes

DELIVER = "deliver"
_DEATHS = 3  # tries of one job that ended neither well nor badly: the worker died of it


@dataclass(frozen=True, slots=True)
class Jobs:
    routes: Routes

    async def deliver(
        self, ctx: dict[str, Any], *, delivery_id: str, attempts: int, **_later: object
    ) -> str:
        """Hand one delivery to its consumer; what it did is in the database, not in the answer."""
        now = await clock.now()
        if ctx["job_try"] > _DEATHS:
            await consuming.fail(
                delivery_id=UUID(delivery_id),
                attempts=attempts,
                error=f"the worker ended {_DEATHS} times while handling it",
                now=now,
            )
            return consuming.Outcome.FAILED
        return await consuming.consume(delivery_id=UUID(delivery_id), routes=self.routes, now=now)
