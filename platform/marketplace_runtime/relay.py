"""From the outbox to the queues: route what is new, hand out what is due.

PostgreSQL is polled, not listened to: a NOTIFY in every commit halves its throughput, and an
empty look costs next to nothing. A wiped Valkey loses nothing: what was handed out and not
consumed becomes due again.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from arq.connections import ArqRedis

from marketplace.kit import clock
from marketplace.outbox import claiming, routing
from marketplace.outbox.routes import Queue, Routes, consumers_of
from marketplace_runtime import queueing
from marketplace_runtime.jobs import DELIVER

BATCH = 100
_FULL = 5 * BATCH  # enough in a queue to keep every worker busy until the next look
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
        handed_out = [await self._fill(self._redis, queue, now) for queue in Queue]
        return _BUSY_SECONDS if routed or any(handed_out) else _IDLE_SECONDS

    async def _fill(self, redis: ArqRedis, queue: Queue, now: datetime) -> int:
        """Hand out a batch to one queue unless it is full; how many that were."""
        name = queueing.NAMES[queue]
        # Looked at before claiming: what is claimed while Valkey is away has to wait to be lost.
        if await redis.zcard(name) >= _FULL:
            return 0
        claimed = await claiming.claim(
            now=now,
            limit=BATCH,
            consumers=consumers_of(self.routes, Queue.MONEY),
            # A delivery whose consumer nobody knows any more has to come to light as well.
            others=queue is Queue.ORDERS,
            in_flight=self.in_flight,
        )
        for delivery in claimed:
            await redis.enqueue_job(
                DELIVER,
                # One job for one attempt, however often it is handed out.
                _job_id=f"delivery:{delivery.delivery_id}:{delivery.attempts}",
                _queue_name=name,
                delivery_id=str(delivery.delivery_id),
                attempts=delivery.attempts,
            )
        return len(claimed)

    async def close(self) -> None:
        if self._redis is not None:
            await self._redis.aclose(close_connection_pool=True)
