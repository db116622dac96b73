"""Locks, always in the same order: the order, then its sub-orders by id."""

from uuid import UUID

from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import connection
from marketplace.orders import windows
from marketplace.orders.models import SubOrder

_LOCK_ORDER = "SELECT 1 FROM orders WHERE id = $1 FOR NO KEY UPDATE"
_ORDER_OF = "SELECT order_id FROM sub_order WHERE id = $1 AND ($2::uuid IS NULL OR vendor_id = $2)"


async def lock_order(order_id: UUID) -> None:
    """Hold the order until this transaction ends; everything about it changes under this lock."""
    if await connection().fetchval(_LOCK_ORDER, order_id) is None:
        raise NotFound("order")


async def lock_sub_orders(order_id: UUID) -> list[SubOrder]:
    """The order, then all its sub-orders, held."""
    await lock_order(order_id)
    return await SubOrder.filter(order_id=order_id).order_by("id").select_for_update(no_key=True)


def refuse_outsiders(by: Principal) -> None:
    """What a vendor does with its sub-orders, only vendors, staff and the system may do.

    Refuses (Forbidden) those of them who only look: who does a vendor's books, the accountants.
    """
    if by.kind not in (Kind.VENDOR, Kind.STAFF, Kind.SYSTEM):
        raise NotFound("sub-order")
    if not windows.may_work(by):
        raise Forbidden("work on orders")


async def lock_sub_order(sub_order_id: UUID, *, by: Principal) -> SubOrder:
    """The order, then this sub-order, held. Another vendor's does not exist."""
    order_id = await connection().fetchval(_ORDER_OF, sub_order_id, by.vendor_id)
    if order_id is None:
        raise NotFound("sub-order")
    await lock_order(order_id)
    return await SubOrder.filter(id=sub_order_id).select_for_update(no_key=True).get()
