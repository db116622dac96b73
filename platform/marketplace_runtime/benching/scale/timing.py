"""What one call of each hot path costs, alone on the database: the middle one of many.

Milliseconds grow with whatever else the machine does; the pages of memory that PostgreSQL touches
for the call do not.
"""

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from marketplace.checkout import placing
from marketplace.kit.principal import Kind, Principal, StaffRole
from marketplace.kit.transactions import reading_alone
from marketplace.orders import (
    deadlines,
    queries,
    staff_lists,
    staff_stories,
    vendor_counts,
    vendor_details,
    vendor_queries,
)
from marketplace.orders.models import SubOrder
from marketplace.orders.vendor_worklists import Narrowed, Slice, Sort, View
from marketplace.outbox import claiming, replaying, routing
from marketplace.outbox.routes import Received, Route
from marketplace_runtime.benching.ordering import shop
from marketplace_runtime.benching.ordering.shop import Shop
from marketplace_runtime.benching.scale.samples import GUEST

CALLS = 40
PAGE = 50
STAFF = Principal(Kind.STAFF, UUID(int=1), roles=frozenset({StaffRole.OPERATIONS}))

# Of connections such as ours; counters are written by a connection when it is told to.
_TOUCHED = "SELECT sum(hits + reads)::bigint FROM pg_stat_io WHERE backend_type = 'client backend'"
_WRITE_COUNTERS = "SELECT pg_stat_force_next_flush()"

Call = Callable[[int], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Took:
    milliseconds: float
    buffers: float


async def time_all(open_shop: Shop, sub_order: SubOrder, now: datetime) -> dict[str, Took]:
    """By path; `sub_order` is one that its vendor has yet to send."""
    vendor = Principal(Kind.VENDOR, sub_order.vendor_id, sub_order.vendor_id)
    whole = Slice(sort=Sort.DUE, rising=True, limit=PAGE)
    tokens = await shop.fill_carts(
        open_shop, [open_shop.basket(lines=5, vendors=3) for _ in range(3 * CALLS)]
    )
    late = iter(tokens[2 * CALLS :])
    for token in tokens[CALLS : 2 * CALLS]:
        await _place(token, now - timedelta(hours=1))
    calls: dict[str, Call] = {
        "place an order": lambda _: _place(next(late), now),
        "tell one event": lambda _: _relay(now),
        "cancel one unpaid order": lambda _: deadlines.work_off(now=now, limit=1),
        "a tick with nothing due": lambda _: deadlines.work_off(
            now=now - timedelta(days=400), limit=100
        ),
        "a vendor's worklist": lambda _: vendor_queries.worklist(
            principal=vendor, view=View.TO_DO, narrowed=Narrowed(), part=whole, now=now
        ),
        "the counts of its tabs": lambda _: vendor_counts.count_views(
            principal=vendor, narrowed=Narrowed(), now=now
        ),
        "a vendor's order page": lambda _: vendor_details.details(
            principal=vendor, sub_order_id=sub_order.id
        ),
        "an order as its customer sees it": lambda _: queries.find(
            principal=Principal(Kind.TOKEN, sub_order.order_id), order_id=sub_order.order_id
        ),
        "the staff's list": lambda _: _staff_list(None),
        "the staff's search by number": lambda _: _staff_list(sub_order.number),
        "an order's events": lambda _: replaying.stream(sub_order.order_id),
        "the staff's order page": lambda _: staff_stories.story(
            principal=STAFF, order_id=sub_order.order_id
        ),
    }
    return {name: await _middle(call) for name, call in calls.items()}


async def _place(token: str, now: datetime) -> UUID:
    return await placing.place_order(principal=GUEST, token=token, key=token, now=now)


async def _relay(now: datetime) -> None:
    """What the relay does for an event: who is to hear it is written down, and handed out."""
    await routing.route(routes={"order.placed": [Route("nobody", _hear)]}, now=now, limit=1)
    assert len(await claiming.claim(now=now, limit=1)) == 1


async def _hear(event: Received, *, now: datetime) -> None:
    """Nobody does."""


async def _staff_list(search: str | None) -> object:
    return await staff_lists.orders(
        principal=STAFF, search=search, flag=None, after=None, before=None, most=PAGE
    )


async def _middle(call: Call) -> Took:
    took, touched = [], []
    before = await _touched()
    for nth in range(CALLS):
        begun = time.perf_counter()
        await call(nth)
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
