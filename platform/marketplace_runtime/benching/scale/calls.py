"""The hot paths: what shoppers, vendors, staff and workers ask for again and again."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from marketplace.checkout import placing
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole
from marketplace.kit.transactions import transaction
from marketplace.orders import (
    answering,
    deadlines,
    promises,
    queries,
    staff_lists,
    staff_stories,
    vendor_counts,
    vendor_details,
    vendor_queries,
)
from marketplace.orders.models import Order, SubOrder
from marketplace.orders.vendor_worklists import Narrowed, Slice, Sort, View
from marketplace.outbox import claiming, replaying, routing
from marketplace.outbox.routes import Received, Route
from marketplace_runtime.benching.ordering import shop
from marketplace_runtime.benching.ordering.shop import Shop
from marketplace_runtime.benching.scale.samples import GUEST

PAGE = 50
OF_EACH_SORT = 50  # deadlines with stock to give back, and others
ALL_ARE_DUE, NOTHING_IS_DUE = timedelta(days=10), timedelta(days=-400)
STAFF = Principal(Kind.STAFF, UUID(int=1), roles=frozenset({StaffRole.OPERATIONS}))

Call: TypeAlias = Callable[[], Awaitable[object]]
Calls: TypeAlias = dict[str, Call]


class _Undo(Exception):
    """What was done is to be there for the next call too."""


async def of_shoppers(open_shop: Shop, sub_order: SubOrder, now: datetime, *, times: int) -> Calls:
    """`times` carts are ready to be ordered, and as many orders to be cancelled, unpaid."""
    baskets = [open_shop.basket(lines=5, vendors=3) for _ in range(3 * times)]
    tokens = await shop.fill_carts(open_shop, baskets)
    for token in tokens[times : 2 * times]:
        await _place(token, now - timedelta(hours=1))
    ready = iter(tokens[2 * times :])
    link = Principal(Kind.TOKEN, sub_order.order_id)
    async with transaction(SYSTEM, read_only=True):
        order = await Order.get(id=sub_order.order_id)
    customer = Principal(Kind.CUSTOMER, order.customer_id)
    return {
        "place an order": lambda: _place(next(ready), now),
        "an order as its customer sees it": lambda: queries.find(
            principal=link, order_id=sub_order.order_id
        ),
        "the tracking page": lambda: _track(link, sub_order.order_id, now),
        "a customer's list": lambda: queries.page(principal=customer, after=None, most=PAGE),
    }


def of_workers(sub_order: SubOrder, now: datetime) -> Calls:
    return {
        "tell one event": lambda: _relay(now),
        "cancel one unpaid order": lambda: deadlines.work_off(now=now, limit=1),
        "a tick with nothing due": lambda: deadlines.work_off(now=now + NOTHING_IS_DUE, limit=100),
        "an order's events": lambda: replaying.stream(sub_order.order_id),
    }


def of_busy_workers(now: datetime) -> Calls:
    return {"a tick with 100 due, undone": lambda: _tick_and_undo(now + ALL_ARE_DUE)}


def of_vendors(sub_order: SubOrder, now: datetime) -> Calls:
    vendor = Principal(Kind.VENDOR, sub_order.vendor_id, sub_order.vendor_id)
    whole = Slice(sort=Sort.DUE, rising=True, limit=PAGE)
    return {
        "a vendor's worklist": lambda: vendor_queries.worklist(
            principal=vendor, view=View.TO_DO, narrowed=Narrowed(), part=whole, now=now
        ),
        "the counts of its tabs": lambda: vendor_counts.count_views(
            principal=vendor, narrowed=Narrowed(), now=now
        ),
        "a vendor's order page": lambda: vendor_details.details(
            principal=vendor, sub_order_id=sub_order.id
        ),
    }


def of_staff(sub_order: SubOrder) -> Calls:
    return {
        "the staff's list": lambda: _staff_list(None),
        "the staff's search by number": lambda: _staff_list(sub_order.number),
        "the staff's order page": lambda: staff_stories.story(
            principal=STAFF, order_id=sub_order.order_id
        ),
    }


async def _place(token: str, now: datetime) -> UUID:
    return await placing.place_order(principal=GUEST, token=token, key=token, now=now)


async def _track(link: Principal, order_id: UUID, now: datetime) -> None:
    """All that the page reads, by its signed link."""
    await queries.find(principal=link, order_id=order_id)
    await promises.of_link(principal=link)
    await answering.questions(principal=link, order_id=order_id, now=now)


async def _relay(now: datetime) -> None:
    """What the relay does for an event: who is to hear it is written down, and handed out."""
    await routing.route(routes={"order.placed": [Route("nobody", _hear)]}, now=now, limit=1)
    assert len(await claiming.claim(now=now, limit=1)) == 1


async def _hear(event: Received, *, now: datetime) -> None:
    """Nobody does."""


async def _tick_and_undo(now: datetime) -> None:
    try:
        async with transaction(SYSTEM):
            await deadlines.work_off(now=now, limit=OF_EACH_SORT)
            raise _Undo
    except _Undo:
        return


async def _staff_list(search: str | None) -> object:
    return await staff_lists.orders(
        principal=STAFF, search=search, flag=None, after=None, before=None, most=PAGE
    )
