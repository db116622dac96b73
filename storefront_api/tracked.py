"""What the tracking page shows of an order: per seller, what came, what comes, and what is late."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.kit.money import Money
from marketplace.orders.promises import Promise, Promises
from marketplace.orders.states import UNDER_WAY, ShipmentState, SubOrderState
from marketplace.orders.status import OrderStatus, PaymentStatus
from marketplace.orders.tracks import Resolution
from marketplace.orders.views import (
    LineView,
    OrderAction,
    OrderView,
    RefundView,
    ScanView,
    ShipmentView,
    SubOrderView,
)
from marketplace.payments.models import RefundState
from marketplace_web.order_sums import sums

_STEPS = ("Paid", "Confirmed", "Shipped", "Delivered")
_REACHED = {
    SubOrderState.PENDING: 0,
    SubOrderState.AWAITING_ACCEPTANCE: 1,
    SubOrderState.ACCEPTED: 2,
    SubOrderState.PREPARING: 2,
    SubOrderState.READY: 2,
    SubOrderState.PARTLY_SHIPPED: 2,
    SubOrderState.SHIPPED: 3,
    SubOrderState.DELIVERED: 4,
    SubOrderState.CLOSED: 4,
}


@dataclass(frozen=True, slots=True)
class Parcel:
    id: UUID
    number: int
    carrier: str
    tracking_number: str
    state: ShipmentState
    is_on_its_way: bool
    shipped_at: datetime | None
    delivered_at: datetime | None
    resolution: Resolution | None
    pickup_code: str | None
    place: str | None
    collect_by: datetime | None
    is_on_hold: bool
    scans: Sequence[ScanView]
    contents: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one seller sends. It has no steps once it has ended without being sent."""

    vendor: str
    number: str
    state: SubOrderState
    shipping_method: str
    steps: Sequence[dict[str, object]]
    lines: Sequence[LineView]
    parcels: Sequence[Parcel]
    waiting: Sequence[tuple[int, str]]
    answer_by: datetime | None
    ship_by: datetime | None
    was_by: datetime | None
    delay_reason: str
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GoingBack:
    amount: Money
    state: RefundState
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedOrder:
    """The order without its customer: town and country are all that is said of the address."""

    number: str
    placed_at: datetime
    status: OrderStatus
    payment_status: PaymentStatus
    pay_by: datetime | None
    town: str
    country: str
    parts: Sequence[Part]
    parcel_count: int
    sums: Sequence[tuple[str, Money]]
    refunds: Sequence[GoingBack]
    can_cancel: bool
    can_change_address: bool


def page_of(order: OrderView, promised: Promises, *, now: datetime) -> TrackedOrder:
    parcels = [shipment for part in order.sub_orders for shipment in part.shipments]
    numbers = {shipment.id: number for number, shipment in enumerate(parcels, start=1)}
    is_unpaid = order.status is OrderStatus.PENDING_PAYMENT
    return TrackedOrder(
        number=order.number,
        placed_at=order.placed_at,
        status=order.status,
        payment_status=order.payment_status,
        pay_by=order.pay_by if is_unpaid else None,
        town=order.address.get("city", ""),
        country=order.address.get("country", ""),
        parts=[
            _part(part, numbers, promised, now, is_paid=not is_unpaid) for part in order.sub_orders
        ],
        parcel_count=len(parcels),
        sums=sums(order),
        refunds=[_going_back(refund, order.currency) for refund in order.refunds],
        can_cancel=OrderAction.CANCEL in order.available_actions,
        can_change_address=OrderAction.CHANGE_ADDRESS in order.available_actions,
    )


def _going_back(refund: RefundView, currency: str) -> GoingBack:
    return GoingBack(
        amount=Money(refund.amount_minor, currency),
        state=refund.state,
        at=refund.finished_at or refund.requested_at,
        reason=refund.reason,
    )


def _part(
    part: SubOrderView,
    numbers: dict[UUID, int],
    promised: Promises,
    now: datetime,
    *,
    is_paid: bool,
) -> Part:
    names = {line.id: line.name for line in part.lines}
    ship_by = promised.ship_by.get(part.id)
    ready = _ready(part)
    left = [(line.live - line.shipped - ready[line.id], line.name) for line in part.lines]
    return Part(
        vendor=part.vendor_name,
        number=part.number,
        state=part.state,
        shipping_method=part.shipping_method,
        steps=_steps(part.state, is_paid=is_paid),
        lines=part.lines,
        parcels=[_parcel(shipment, numbers[shipment.id], names) for shipment in part.shipments],
        waiting=[(count, name) for count, name in left if count],
        answer_by=_open(promised.answer_by.get(part.id)),
        ship_by=None if ship_by is None else ship_by.by,
        was_by=None if ship_by is None else ship_by.was_by,
        delay_reason="" if ship_by is None else ship_by.reason,
        is_late=ship_by is not None and ship_by.is_late(now),
    )


def _ready(part: SubOrderView) -> Counter[UUID]:
    """Units that wait in a store: they are not shipped, and will not be sent either."""
    ready: Counter[UUID] = Counter()
    for shipment in part.shipments:
        if shipment.state is ShipmentState.READY_FOR_PICKUP:
            ready.update(shipment.units)
    return ready


def _open(promise: Promise | None) -> datetime | None:
    return None if promise is None or promise.met_at else promise.by


def _steps(state: SubOrderState, *, is_paid: bool) -> list[dict[str, object]]:
    is_waiting = is_paid and state is SubOrderState.PENDING
    reached = 1 if is_waiting else _REACHED.get(state)
    if reached is None:
        return []
    steps: list[dict[str, object]] = []
    for number, label in enumerate(_STEPS, start=1):
        step = "done" if number <= reached else "current" if number == reached + 1 else "coming"
        is_partly = label == "Shipped" and state is SubOrderState.PARTLY_SHIPPED
        steps.append({"label": "Partly shipped" if is_partly else label, "state": step})
    return steps


def _parcel(shipment: ShipmentView, number: int, names: dict[UUID, str]) -> Parcel:
    return Parcel(
        id=shipment.id,
        number=number,
        carrier=shipment.carrier,
        tracking_number=shipment.tracking_number,
        state=shipment.state,
        is_on_its_way=shipment.state in UNDER_WAY or shipment.is_left,
        shipped_at=shipment.shipped_at,
        delivered_at=shipment.delivered_at,
        resolution=shipment.resolution,
        pickup_code=shipment.pickup_code,
        place=shipment.place,
        collect_by=shipment.collect_by,
        is_on_hold=shipment.is_on_hold,
        scans=shipment.scans,
        contents=[(count, names[line_id]) for line_id, count in shipment.units.items()],
    )
