"""Payments are locked after their order, so that nobody waits in a circle."""

from uuid import UUID

from marketplace.kit.transactions import connection
from marketplace.payments.models import Payment

# The row belongs to the orders above us; only its lock is taken here, because what a payment
# records goes into the order's history, and whoever else writes there holds the order first.
_LOCK_ORDER = "SELECT 1 FROM orders WHERE id = $1 FOR NO KEY UPDATE"


async def lock_payment(order_id: UUID) -> Payment:
    """The order's payment, locked until the transaction ends. The caller holds the order."""
    return await Payment.select_for_update().get(order_id=order_id)


async def lock_order_and_payment(order_id: UUID) -> Payment:
    await connection().execute(_LOCK_ORDER, order_id)
    return await lock_payment(order_id)
