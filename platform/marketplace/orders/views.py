"""An order as its customer sees it: plain values, read in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from marketplace.orders.states import ShipmentState, SubOrderState
from marketplace.orders.status import (
    OrderStatus,
    Part,
    PaymentStatus,
    order_status,
    payment_status,
)
from marketplace.payments.models import RefundState


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    id: UUID
    sub_order_id: UUID
    sku: str
    name: str
    quantity: int
    refused: int
    cancelled: int
    shipped: int
    delivered: int
    refunded: int
    unit_price_minor: int
    discount_minor: int
    tax_minor: int
    gross_minor: int
    refunded_minor: int

    @property
    def live(self) -> int:
        return self.quantity - self.refused - self.cancelled

    @property
    def left_minor(self) -> int:
        """What of the line has not been asked back, with its tax."""
        return self.gross_minor - self.refunded_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentView:
    """One parcel; `units` by order line."""

    id: UUID
    state: ShipmentState
    carrier: str
    tracking_number: str
    shipped_at: datetime
    delivered_at: datetime | None
    units: Mapping[UUID, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderView:
    id: UUID
    number: str
    vendor_id: UUID
    vendor_name: str
    state: SubOrderState
    items_minor: int
    discount_minor: int
    shipping_minor: int
    tax_minor: int
    total_minor: int
    lines: Sequence[LineView]
    shipments: Sequence[ShipmentView]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundView:
    id: UUID
    state: RefundState
    amount_minor: int
    reason: str
    requested_at: datetime
    finished_at: datetime | None


class OrderAction(StrEnum):
    """What the customer can do with an order now."""

    PAY = "pay"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """`address` holds city and country only, and `email` nothing, for who came by a link."""

    id: UUID
    number: str
    email: str | None
    customer_name: str | None
    address: Mapping[str, str]
    currency: str
    items_minor: int
    discount_minor: int
    shipping_minor: int
    tax_minor: int
    total_minor: int
    placed_at: datetime
    pay_by: datetime | None
    captured_minor: int
    refunded_minor: int
    sub_orders: Sequence[SubOrderView]
    refunds: Sequence[RefundView]
    is_held: bool

    @property
    def status(self) -> OrderStatus:
        return order_status(
            [_part(sub_order) for sub_order in self.sub_orders],
            is_paid=self.captured_minor >= self.total_minor,
            is_held=self.is_held,
        )

    @property
    def payment_status(self) -> PaymentStatus:
        return payment_status(
            captured_minor=self.captured_minor, refunded_minor=self.refunded_minor
        )

    @property
    def available_actions(self) -> Sequence[OrderAction]:
        is_payable = self.captured_minor == 0 and self.status is OrderStatus.PENDING_PAYMENT
        return [OrderAction.PAY] if is_payable else []


class OrderEventKind(StrEnum):
    """What a customer is told of an order's events, by the event's own name."""

    PLACED = "order.placed"
    PAID = "payment.captured"
    PAYMENT_FAILED = "payment.failed"
    ACCEPTED = "sub_order.accepted"
    REFUSED = "sub_order.refused"
    EXPIRED = "sub_order.expired"
    CANCELLED = "sub_order.cancelled"
    PARTLY_SHIPPED = "sub_order.partly_shipped"
    SHIPPED = "sub_order.shipped"
    PARCEL_DELIVERED = "shipment.delivered"
    DELIVERED = "sub_order.delivered"
    REFUND_REQUESTED = "refund.requested"
    REFUNDED = "refund.succeeded"


@dataclass(frozen=True, slots=True)
class OrderEventView:
    """`seq` counts an order's events; the ones a customer is not told of leave gaps."""

    seq: int
    kind: OrderEventKind
    happened_at: datetime
    sub_order_number: str | None


def _part(sub_order: SubOrderView) -> Part:
    lines = sub_order.lines
    return Part(
        state=sub_order.state,
        live=sum(line.live for line in lines),
        shipped=sum(line.shipped for line in lines),
        delivered=sum(line.delivered for line in lines),
    )
