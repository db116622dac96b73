"""The queues in Valkey: a hint to the workers. What has to happen stands in PostgreSQL."""

import json
from typing import Any

from arq.connections import ArqRedis, RedisSettings, create_pool

from marketplace.outbox.routes import Queue

NAMES = {Queue.ORDERS: "souk:queue", Queue.MONEY: "souk:queue:money"}
HEALTH_KEYS = {Queue.ORDERS: "souk:worker:health", Queue.MONEY: "souk:worker:health:money"}


def write(job: dict[str, Any]) -> bytes:
    """As JSON: whoever can write to Valkey must not be able to run code here."""
    return json.dumps(job).encode()


def read(job: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(job)
    return found


async def connect(redis_url: str) -> ArqRedis:
    """A pool that answers now, or an error at once: callers have a patience of their own."""
    settings = RedisSettings.from_dsn(redis_url)
    settings.conn_retries = 0
    return await create_pool(
        settings,
        job_serializer=write,
        job_deserializer=read,
        default_queue_name=NAMES[Queue.ORDERS],
    )
