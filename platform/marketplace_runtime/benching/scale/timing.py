"""What one call of each hot path costs, alone on the database: the middle one of many.

Milliseconds grow with whatever else the machine does; those that this process and its connection
were at work do so less, and the pages of memory that PostgreSQL touches for the call do not.
"""

import statistics
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

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
_PROCESS = "SELECT pg_backend_pid()"


@dataclass(frozen=True, slots=True)
class Took:
    milliseconds: float
    cpu_milliseconds: float
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
    took, worked, touched = [], [], []
    async with reading_alone() as connection:
        process: int = await connection.fetchval(_PROCESS)
    before = await _touched()
    for _ in range(times):
        begun, busy = time.perf_counter(), _cpu_seconds(process)
        await call()
        took.append((time.perf_counter() - begun) * 1000)
        worked.append((_cpu_seconds(process) - busy) * 1000)
        after = await _touched()
        touched.append(after - before)
        before = after
    return Took(*(statistics.median(found) for found in (took, worked, touched)))


def _cpu_seconds(process: int) -> float:
    """Of this process and the connection's at the server, as the kernel of Linux counts them."""
    nanoseconds = Path(f"/proc/{process}/schedstat").read_text().split()[0]
    return time.process_time() + int(nanoseconds) / 1e9


async def _touched() -> int:
    """By the connection that the pool hands out first, which is the one that calls are made on."""
    async with reading_alone() as connection:
        await connection.fetchval(_WRITE_COUNTERS)
        touched: int = await connection.fetchval(_TOUCHED)
    return touched
