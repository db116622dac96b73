"""A payment's shares follow the units they paid for, when another vendor sends them."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection

_MOVE = """
    WITH taken AS (
        UPDATE payment_allocation SET amount_minor = amount_minor - $2,
            captured_minor = captured_minor - $2
        WHERE sub_order_id = $1 RETURNING payment_id
    )
    INSERT INTO payment_allocation (id, payment_id, sub_order_id, amount_minor, captured_minor,
        refund_claimed_minor, refunded_minor, disputed_minor)
    SELECT item.id, taken.payment_id, item.sub_order_id, item.minor, item.minor, 0, 0, 0
    FROM taken, unnest($3::uuid[], $4::uuid[], $5::bigint[]) AS item (id, sub_order_id, minor)
"""


async def move(*, from_sub_order_id: UUID, into: Mapping[UUID, int], now: datetime) -> None:
    """Move captured minor units to new sub-orders; the payment as a whole stays what it is.

    The caller holds the payment, and what is moved was neither refunded nor disputed.
    """
    await connection().execute(
        _MOVE,
        from_sub_order_id,
        sum(into.values()),
        [new_id(now) for _ in into],
        list(into),
        list(into.values()),
    )
