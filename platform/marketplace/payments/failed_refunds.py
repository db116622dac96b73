"""Refunds that failed: each a customer who waits for money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import Forbidden
from marketplace.kit.money import Money
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import connection, transaction

MOST = 200
_FAILED = """
    SELECT refund.id, refund.order_id, orders.number AS order_number,
        orders.customer_name, refund.amount_minor, refund.currency, refund.reason,
        refund.requested_at, refund.failure_message AS failure
    FROM refund JOIN orders ON orders.id = refund.order_id
    WHERE refund.state = 'failed' ORDER BY refund.requested_at, refund.id LIMIT $1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRefund:
    id: UUID
    order_id: UUID
    order_number: str
    customer_name: str
    amount: Money
    reason: str
    requested_at: datetime
    failure: str | None


async def failed(*, principal: Principal, most: int = MOST) -> Sequence[FailedRefund]:
    """Who has waited longest comes first. Staff's alone."""
    if principal.kind is not Kind.STAFF:
        raise Forbidden("see failed refunds")
    async with transaction(principal, read_only=True):
        rows = [dict(row) for row in await connection().fetch(_FAILED, most)]
    return [
        FailedRefund(amount=Money(row.pop("amount_minor"), row.pop("currency")), **row)
        for row in rows
    ]
