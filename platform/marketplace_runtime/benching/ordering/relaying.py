"""How fast the relay and the books catch up with the orders that came in."""

from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.outbox import draining
from marketplace_runtime.routes import ledger_routes

_WAITING = """
    SELECT count(*) AS events, count(DISTINCT stream_id) AS orders,
        count(*) FILTER (WHERE name = 'payment.captured') AS paid
    FROM outbox_event WHERE routed_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """Events that nobody had relayed, of so many orders, and what was posted of those paid."""

    events: int
    orders: int
    paid: int
    seconds: float

    @property
    def orders_per_second(self) -> float:
        return self.orders / self.seconds


async def catch_up(now: datetime) -> CaughtUp:
    """Relay all events and post what they mean, in one process, in batches as the worker takes."""
    async with transaction(SYSTEM, read_only=True) as connected:
        waiting = await connected.fetchrow(_WAITING)
    began = perf_counter()
    await draining.drain(routes=ledger_routes(), now=now)
    seconds = perf_counter() - began
    return CaughtUp(waiting["events"], waiting["orders"], waiting["paid"], seconds)
