"""Explain an order's money: what each vendor got of it, entry by entry, and who paid."""

from collections.abc import Mapping, Sequence
from typing import Any

from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction
from settlement.explaining import paths
from settlement.explaining.nodes import Explanation, Node, facts
from settlement.explaining.posted import Posted, posted
from settlement.reports import access

_ORDER = """
    SELECT orders.id, orders.number, orders.currency, orders.total_minor, orders.placed_at
    FROM orders LEFT JOIN sub_order ON sub_order.order_id = orders.id
    WHERE orders.number = $1 OR sub_order.number = $1 LIMIT 1
"""
_PARTS = """
    SELECT sub_order.id, sub_order.number, sub_order.state, vendor.code, vendor.name
    FROM sub_order JOIN vendor ON vendor.id = sub_order.vendor_id
    WHERE sub_order.order_id = $1 AND ($2::uuid IS NULL OR vendor.id = $2)
    ORDER BY sub_order.number
"""
# A vendor's own money: what moves between these accounts adds up to nothing and is left out.
_ENTRIES = """
    entry.order_id = $1 AND ($2::uuid IS NULL OR entry.vendor_id = $2)
    AND account.code IN ('2110', '2120', '2130', '2140', '2150')
    AND booked.kind NOT IN ('matured', 'reserve_held', 'reserve_released', 'reserve_used',
        'hold', 'hold_released')
"""


async def explain_order(*, principal: Principal, number: str) -> Explanation:
    """By an order's or a sub-order's number: what vendors have of it after refunds.

    The parts are its sub-orders, their children the entries, which add up as well. A vendor gets
    its own part, without the customer's payment. What is not there, or somebody else's, is
    NotFound.
    """
    vendor_id = access.whose(principal, asked=None)
    async with transaction(principal, isolation="REPEATABLE READ", read_only=True):
        order = await connection().fetchrow(_ORDER, number)
        if order is None:
            raise NotFound(thing="order")
        entries = await posted(_ENTRIES, order["id"], vendor_id)
        rows = await connection().fetch(_PARTS, order["id"], vendor_id)
        if not rows:
            raise NotFound(thing="order")
        parts = [_part(row, entries, order["currency"]) for row in rows]
        total = sum(entry.minor for entry in entries)
        return Explanation(
            subject=Node(
                kind="order",
                title=f"Vendors' money of {order['number']}",
                id=order["number"],
                amount=Money(total, order["currency"]),
                # With other vendors' goods in it, which are nobody's business.
                facts=facts(
                    customer_pays=_total(order) if vendor_id is None else None,
                    placed=order["placed_at"],
                ),
            ),
            parts=parts,
            came_from=await paths.came_from([order["id"]]),
        )


def _total(order: Mapping[str, Any]) -> Money:
    return Money(order["total_minor"], order["currency"])


def _part(row: Mapping[str, Any], entries: Sequence[Posted], currency: str) -> Node:
    own = [entry for entry in entries if entry.sub_order_id == row["id"]]
    return Node(
        kind="sub_order",
        title=f"{row['number']} by {row['name']}",
        id=str(row["number"]),
        amount=Money(sum(entry.minor for entry in own), currency),
        facts=facts(vendor=row["code"], state=row["state"]),
        children=[entry.node() for entry in own],
    )
