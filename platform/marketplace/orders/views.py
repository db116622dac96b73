"""An order as its customer sees it: plain values, read in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from marketplace.catalog.models import CancelUntil
from marketplace.kit.principal import Kind, Principal
from marketplace.orders import editing, windows
from marketplace.orders.states import GONE, ShipmentState, SubOrderState
from marketplace.orders.status import (
    OrderStatus,
    Part,
    PaymentStatus,
    order_status,
    payment_status,
)
from marketplace.orders.tracks import Resolution, TrackingStatus
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
    """One parcel; `units` by order line, `scans` the newest first.

    Its pick-up code is the customer's to say: nobody else is shown it. A store keeps it until
    `collect_by`, which counts the time it was on hold; while it is, it cannot be collected.
    """

    id: UUID
    state: ShipmentState
    carrier: str
    tracking_number: str
    created_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None
    resolution: Resolution | None
    pickup_code: str | None
    place: str | None
    collect_by: datetime | None
    is_on_hold: bool
    units: Mapping[UUID, int]
    scans: Sequence["ScanView"]

    @property
    def is_left(self) -> bool:
        """Somebody has to decide how it goes on."""
        return self.state in GONE and self.resolution is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanView:
    """What the carrier told of a parcel."""

    status: TrackingStatus
    place: str | None
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderView:
    id: UUID
    number: str
    vendor_id: UUID
    vendor_name: str
    state: SubOrderState
    shipping_method: str
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
    CANCEL = "cancel"
    CHANGE_ADDRESS = "change_address"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """`address` holds city and country only, and `email` nothing, for who came by a link."""

    id: UUID
    number: str
    version: int
    cancel_until: CancelUntil
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
        states = [part.state for part in self.sub_orders]
        customer = Principal(Kind.GUEST)
        may = {
            OrderAction.PAY: is_payable,
            OrderAction.CANCEL: any(
                windows.may_cancel(customer, state, self.cancel_until) for state in states
            ),
            OrderAction.CHANGE_ADDRESS: editing.is_open(states),
        }
        return [action for action in OrderAction if may[action]]


class OrderEventKind(StrEnum):
    """What a customer is told of an order's events, by the event's own name."""

    PLACED = "order.placed"
    PAID = "payment.captured"
    PAYMENT_FAILED = "payment.failed"
    ACCEPTED = "sub_order.accepted"
    REFUSED = "sub_order.refused"
    EXPIRED = "sub_order.expired"
    ADDRESS_CHANGED = "order.address_changed"
    PREPARING = "sub_order.preparing"
    READY = "sub_order.ready"
    PARTLY_CANCELLED = "sub_order.partly_cancelled"
    CANCELLED = "sub_order.cancelled"
    PARTLY_SHIPPED = "sub_order.partly_shipped"
    SHIPPED = "sub_order.shipped"
    REPLACING = "sub_order.replacing"
    WRITTEN_OFF = "sub_order.written_off"
    PARCEL_IN_TRANSIT = "shipment.in_transit"
    PARCEL_OUT_FOR_DELIVERY = "shipment.out_for_delivery"
    PARCEL_IN_TROUBLE = "shipment.exception"
    PARCEL_LOST = "shipment.lost"
    PARCEL_RETURNED = "shipment.returned_to_sender"
    PARCEL_READY_FOR_PICKUP = "shipment.ready_for_pickup"
    PARCEL_COLLECTED = "shipment.collected"
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
