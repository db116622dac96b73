"""Whose order it is: everybody else finds none."""

from uuid import UUID

from marketplace.kit.errors import NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import connection
from marketplace.orders.models import SubOrder

_THEIRS = """
    SELECT EXISTS (SELECT 1 FROM orders WHERE id = $1 AND CASE $2
        WHEN 'token' THEN id = $3
        WHEN 'customer' THEN customer_id = $3
        WHEN 'guest' THEN cart_id = $3
        WHEN 'vendor' THEN EXISTS (SELECT 1 FROM sub_order WHERE order_id = orders.id
            AND vendor_id = $4 AND released_at IS NOT NULL)
        ELSE true END)
"""
# What $1 says of the orders that may be seen. With limits that may be empty in one statement, a
# kept plan would walk all orders for those of one customer.
_OF_CUSTOMER, _OF_LINK, _ANY = "orders.customer_id = $1", "orders.id = $1", "$1::uuid IS NULL"


async def check(order_id: UUID, *, by: Principal) -> None:
    """NotFound unless it is the customer's, or the vendor has a part of it, or staff asks."""
    if not await connection().fetchval(_THEIRS, order_id, by.kind.value, by.id, by.vendor_id):
        raise NotFound("order")


def is_theirs(sub_order: SubOrder, by: Principal) -> bool:
    """Of an order that `check` let through, a vendor has its own part only."""
    return by.kind is not Kind.VENDOR or (
        sub_order.vendor_id == by.vendor_id and sub_order.released_at is not None
    )


def condition(principal: Principal) -> tuple[str, UUID | None]:
    """A read of `orders`: its condition, and $1. Vendors and guests find none (NotFound)."""
    match principal.kind:
        case Kind.CUSTOMER:
            assert principal.id is not None, principal
            return _OF_CUSTOMER, principal.id
        case Kind.TOKEN:
            assert principal.id is not None, principal
            return _OF_LINK, principal.id
        case Kind.SYSTEM | Kind.STAFF:
            return _ANY, None
        case _:
            raise NotFound("order")
