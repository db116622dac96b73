"""What banks have taken back of a payment, counted beside what we gave back ourselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from marketplace.kit.transactions import connection

_LEFT = """
    SELECT sub_order_id, share.captured_minor - share.refunded_minor
        - share.refund_claimed_minor - share.disputed_minor AS left_minor
    FROM payment_allocation share JOIN payment ON payment.id = share.payment_id
    WHERE payment.order_id = $1 ORDER BY sub_order_id
"""
_COUNT = """
    WITH allocated AS (
        UPDATE payment_allocation SET disputed_minor = disputed_minor + item.minor
        FROM unnest($2::uuid[], $3::bigint[]) AS item (sub_order_id, minor)
        WHERE payment_allocation.sub_order_id = item.sub_order_id
    )
    UPDATE payment SET disputed_minor = disputed_minor
        + (SELECT coalesce(sum(minor), 0) FROM unnest($3::bigint[]) AS item (minor))
    WHERE order_id = $1
"""
_CHARGED = """
    SELECT order_id, true AS is_captured FROM capture WHERE charge_id = $1
    UNION ALL
    SELECT payment.order_id, false FROM payment_attempt attempt
    JOIN payment ON payment.id = attempt.payment_id WHERE attempt.intent_id = $2
    ORDER BY is_captured DESC LIMIT 1
"""
_UNANSWERED = """
    SELECT EXISTS (SELECT 1 FROM provider_operation
        WHERE kind = 'intent' AND state = 'sent' AND result_id IS NULL)
"""


@dataclass(frozen=True, slots=True)
class Charged:
    """Whose charge it is; `is_captured` is False while we have not heard that it succeeded."""

    order_id: UUID
    is_captured: bool


async def charged(charge_id: str, intent_id: str | None) -> Charged | None:
    """The order that a charge of the provider paid, None where it is not one of ours."""
    row = await connection().fetchrow(_CHARGED, charge_id, intent_id)
    return None if row is None else Charged(row["order_id"], row["is_captured"])


async def may_be_ours() -> bool:
    """Whether a charge that we do not know may yet turn out to be ours: an answer is still out."""
    found: bool = await connection().fetchval(_UNANSWERED)
    return found


async def left(order_id: UUID) -> dict[UUID, int]:
    """Minor units by sub-order that nobody has back or asked for. Lock the payment first."""
    rows = await connection().fetch(_LEFT, order_id)
    return {row["sub_order_id"]: row["left_minor"] for row in rows}


async def count(order_id: UUID, minor_by_sub_order: Mapping[UUID, int]) -> None:
    """Add to what is disputed, below zero take off it. Lock the payment first."""
    await connection().execute(
        _COUNT, order_id, list(minor_by_sub_order), list(minor_by_sub_order.values())
    )
