"""What an order's status is: read off its sub-orders, units and payment, never stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from marketplace.orders.states import SubOrderState


class OrderStatus(StrEnum):
    CANCELLED = "cancelled"
    PENDING_PAYMENT = "pending_payment"
    ON_HOLD = "on_hold"
    CLOSED = "closed"
    DELIVERED = "delivered"
    PARTLY_DELIVERED = "partly_delivered"
    SHIPPED = "shipped"
    PARTLY_SHIPPED = "partly_shipped"
    PROCESSING = "processing"


class PaymentStatus(StrEnum):
    UNPAID = "unpaid"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Part:
    """One sub-order: its state and its units that are live, shipped and delivered."""

    state: SubOrderState
    live: int
    shipped: int
    delivered: int


def order_status(
    parts: Sequence[Part], *, is_paid: bool = False, is_held: bool = False
) -> OrderStatus:
    """The first row that fits, over the live units only.

    `is_held` is `orders.held.IS_HELD`: something of it waits that its vendor has not seen, or all.
    """
    live = sum(part.live for part in parts)
    shipped = sum(part.shipped for part in parts)
    delivered = sum(part.delivered for part in parts)
    if live == 0:
        return OrderStatus.CANCELLED
    is_pending = any(part.state is SubOrderState.PENDING for part in parts)
    if is_pending and not (is_held and is_paid):
        return OrderStatus.PENDING_PAYMENT
    if is_held:
        return OrderStatus.ON_HOLD
    if all(part.state is SubOrderState.CLOSED for part in parts if part.live):
        return OrderStatus.CLOSED
    if delivered == live:
        return OrderStatus.DELIVERED
    if delivered:
        return OrderStatus.PARTLY_DELIVERED
    if shipped == live:
        return OrderStatus.SHIPPED
    if shipped:
        return OrderStatus.PARTLY_SHIPPED
    return OrderStatus.PROCESSING


def payment_status(*, captured_minor: int, refunded_minor: int) -> PaymentStatus:
    """The payment's own axis, as amounts."""
    if captured_minor == 0:
        return PaymentStatus.UNPAID
    if refunded_minor == 0:
        return PaymentStatus.PAID
    if refunded_minor < captured_minor:
        return PaymentStatus.PARTLY_REFUNDED
    return PaymentStatus.REFUNDED
