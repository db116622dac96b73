"""How long one call of each hot path takes: the middle one of many, alone on the database."""

import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

from marketplace.checkout import placing
from marketplace.kit.principal import Kind, Principal, StaffRole
from marketplace.orders import (
    deadlines,
    queries,
    staff_lists,
    staff_stories,
    vendor_details,
    vendor_queries,
)
from marketplace.orders.models import SubOrder
from marketplace.orders.vendor_worklists import Narrowed, Slice, Sort, View
from marketplace_runtime.benching.ordering import shop
from marketplace_runtime.benching.ordering.shop import Shop
from marketplace_runtime.benching.scale.samples import GUEST

CALLS = 40
PAGE = 50
STAFF = Principal(Kind.STAFF, UUID(int=1), roles=frozenset({StaffRole.OPERATIONS}))

Call = Callable[[int], Awaitable[object]]


async def time_all(open_shop: Shop, sub_order: SubOrder, now: datetime) -> dict[str, float]:
    """Milliseconds by path; `sub_order` is one that its vendor has yet to send."""
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
        "cancel one unpaid order": lambda _: deadlines.work_off(now=now, limit=1),
        "a tick with nothing due": lambda _: deadlines.work_off(
            now=now - timedelta(days=400), limit=100
        ),
        "a vendor's worklist": lambda _: vendor_queries.worklist(
            principal=vendor, view=View.TO_DO, narrowed=Narrowed(), part=whole, now=now
        ),
        "the counts of its tabs": lambda _: vendor_queries.count_views(
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
        "the staff's order page": lambda _: staff_stories.story(
            principal=STAFF, order_id=sub_order.order_id
        ),
    }
    return {name: await _middle(call) for name, call in calls.items()}


async def _place(token: str, now: datetime) -> UUID:
    return await placing.place_order(principal=GUEST, token=token, key=token, now=now)


async def _staff_list(search: str | None) -> object:
    return await staff_lists.orders(
        principal=STAFF, search=search, flag=None, after=None, before=None, most=PAGE
    )


async def _middle(call: Call) -> float:
    took = []
    for nth in range(CALLS):
        begun = time.perf_counter()
        await call(nth)
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took)
