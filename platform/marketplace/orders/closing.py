"""Delivered sub-orders whose time for returns has passed: nothing more is expected of anybody."""

from datetime import datetime
from uuid import UUID

from marketplace.kit import one_by_one
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import locking, moving
from marketplace.orders.events import SubOrderClosed
from marketplace.orders.states import SubOrderMove, SubOrderState

# The shortest window of any channel finds the candidates by the index; each channel's own decides.
_OVER = """
    SELECT sub_order.id FROM sub_order
    JOIN orders ON orders.id = sub_order.order_id
    JOIN channel ON channel.id = orders.channel_id
    WHERE sub_order.state = 'delivered'
        AND delivered_at
            < $1::timestamptz - (SELECT min(return_days) FROM channel) * interval '1 day'
        AND delivered_at < $1::timestamptz - channel.return_days * interval '1 day'
    ORDER BY delivered_at LIMIT $2
"""


async def close_due(*, now: datetime, limit: int = 500) -> int:
    """Close what was delivered longer ago than its channel takes returns; how many it was.

    Each in a transaction of its own, so that any number of workers may do it at once.
    """
    async with transaction(SYSTEM, read_only=True):
        rows = await connection().fetch(_OVER, now, limit)

    async def close(sub_order_id: UUID) -> bool:
        return await _close(sub_order_id, now)

    return await one_by_one.each((row["id"] for row in rows), close, what="closing")


async def _close(sub_order_id: UUID, now: datetime) -> bool:
    async with transaction(SYSTEM):
        sub_order = await locking.lock_sub_order(sub_order_id, by=SYSTEM)
        if sub_order.state is not SubOrderState.DELIVERED:
            return False  # another worker was faster
        await moving.move(
            [sub_order],
            SubOrderMove.CLOSE,
            tell=lambda part: SubOrderClosed(order_id=part.order_id, sub_order_id=part.id),
            by=SYSTEM,
            now=now,
        )
    return True
