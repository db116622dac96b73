"""From the outbox to the queue: route what is new, hand out what is due.

PostgreSQL is polled, not listened to: a NOTIFY in every commit halves its throughput, and an
empty look costs next to nothing. A wiped Valkey loses nothing: what was handed out and not
consumed becomes due again.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from arq.connections import ArqRedis

from marketplace.kit import clock
from marketplace.outbox import claiming, routing
from marketplace.outbox.routes import Routes
from marketplace_runtime import queueing
from marketplace_runtime.jobs import DELIVER

BATCH = 100
_FULL = 5 * BATCH  # enough in the queue to keep every worker busy until the next look
_BUSY_SECONDS = 0.02
_IDLE_SECONDS = 0.08


@dataclass(slots=True)
class Relay:
    routes: Routes
    redis_url: str
    in_flight: timedelta = claiming.IN_FLIGHT
    _redis: ArqRedis | None = field(default=None, init=False)

    async def step(self) -> float:
        """Route and enqueue one batch; answers how long to rest."""
        now = await clock.now()
        routed = await routing.route(routes=self.routes, now=now)
        if self._redis is None:
            self._redis = await queueing.connect(self.redis_url)
        # Looked at before claiming: what is claimed while Valkey is away has to wait to be lost.
        if await self._redis.zcard(queueing.NAME) >= _FULL:
            return _IDLE_SECONDS
        claimed = await claiming.claim(now=now, limit=BATCH, in_flight=self.in_flight)
        for delivery in claimed:
            await self._redis.enqueue_job(
                DELIVER,
                # One job for one attempt, however often it is handed out.
                _job_id=f"delivery:{delivery.delivery_id}:{delivery.attempts}",
                delivery_id=str(delivery.delivery_id),
                attempts=delivery.attempts,
            )
        return _BUSY_SECONDS if routed or claimed else _IDLE_SECONDS

    async def close(self) -> None:
        if self._redis is not None:
            await self._redis.aclose(close_connection_pool=True)
