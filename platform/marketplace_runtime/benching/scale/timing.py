"""What one call of each hot path costs, alone on the database: the middle one of many.

Milliseconds grow with whatever else the machine does; the pages of memory that PostgreSQL touches
for the call do not.
"""

import statistics
import time
from dataclasses import dataclass
from datetime import datetime

from marketplace.kit.transactions import reading_alone
from marketplace.orders.models import SubOrder
from marketplace_runtime.benching.ordering.shop import Shop
from marketplace_runtime.benching.scale import calls
from marketplace_runtime.benching.scale.calls import Call

CALLS = 40
LONG_CALLS = 10  # of those that do a hundred things

# Of connections such as ours; counters are written by a connection when it is told to.
_TOUCHED = "SELECT sum(hits + reads)::bigint FROM pg_stat_io WHERE backend_type = 'client backend'"
_WRITE_COUNTERS = "SELECT pg_stat_force_next_flush()"


@dataclass(frozen=True, slots=True)
class Took:
    milliseconds: float
    buffers: float


async def time_all(open_shop: Shop, sub_order: SubOrder, now: datetime) -> dict[str, Took]:
    """By path; `sub_order` is one that its vendor has yet to send."""
    short = (
        await calls.of_shoppers(open_shop, sub_order, now, times=CALLS)
        | calls.of_workers(sub_order, now)
        | calls.of_vendors(sub_order, now)
        | calls.of_staff(sub_order)
    )
    took = {name: await _middle(call, CALLS) for name, call in short.items()}
    long = calls.of_busy_workers(now)
    return took | {name: await _middle(call, LONG_CALLS) for name, call in long.items()}


async def _middle(call: Call, times: int) -> Took:
    took, touched = [], []
    before = await _touched()
    for _ in range(times):
        begun = time.perf_counter()
        await call()
        took.append((time.perf_counter() - begun) * 1000)
        after = await _touched()
        touched.append(after - before)
        before = after
    return Took(statistics.median(took), statistics.median(touched))


async def _touched() -> int:
    """By the connection that the pool hands out first, which is the one that calls are made on."""
    async with reading_alone() as connection:
        await connection.fetchval(_WRITE_COUNTERS)
        touched: int = await connection.fetchval(_TOUCHED)
    return touched
