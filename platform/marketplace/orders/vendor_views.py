"""What a vendor's page of one sub-order is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.kit.money import Money
from marketplace.orders.states import (
    GONE,
    TO_SEND,
    UNDER_WAY,
    ShipmentState,
    SubOrderMove,
    SubOrderState,
)
from marketplace.orders.tracks import Resolution, TrackingValidity
from marketplace.orders.vendor_money import VendorMoney
from marketplace.sla.models import ClockKind, PauseCause


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`live` units are neither refused nor cancelled; `left` of them are still to be shipped."""

    id: UUID
    sku: str
    name: str
    quantity: int
    refused: int
    cancelled: int
    shipped: int
    delivered: int
    refunded: int
    unit_price: Money
    items: Money

    @property
    def live(self) -> int:
        return self.quantity - self.refused - self.cancelled

    @property
    def left(self) -> int:
        return self.live - self.shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """`contents` are pairs of a product's name and its units."""

    id: UUID
    state: ShipmentState
    carrier: str
    tracking_number: str
    created_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None
    validity: TrackingValidity
    label: str | None
    resolution: Resolution | None
    collect_by: datetime | None
    contents: Sequence[tuple[str, int]]

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def is_left(self) -> bool:
        """Lost or returned, and nobody has decided how it goes on."""
        return self.state in GONE and self.resolution is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """It stands still while `paused_for` a cause; `promised_at` is what the customer was told."""

    due_at: datetime
    met_at: datetime | None
    breached_at: datetime | None
    promised_at: datetime | None
    paused_for: PauseCause | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """`actor` is a principal's key; `actor_name` is known of the vendor's own people."""

    subject: str
    subject_id: UUID
    move: str
    actor: str
    actor_name: str | None
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderDetails:
    """`packed` are units in parcels that wait for their carrier, by line."""

    id: UUID
    order_id: UUID
    number: str
    vendor_name: str
    state: SubOrderState
    version: int
    is_earned: bool
    is_on_hold: bool
    placed_at: datetime
    shipping_method: str
    customer_name: str
    address: Mapping[str, str]
    lines: Sequence[Line]
    parcels: Sequence[Parcel]
    packed: Mapping[UUID, int]
    places: Sequence[tuple[str, str]]
    deadlines: Mapping[ClockKind, Deadline]
    changes: Sequence[Happened]
    money: VendorMoney

    @property
    def deadline(self) -> Deadline | None:
        """The one that counts now; none once nothing is left to do."""
        if self.state is SubOrderState.AWAITING_ACCEPTANCE:
            return self.deadlines.get(ClockKind.ACCEPT_BY)
        if self.can_ship:
            return self.deadlines.get(ClockKind.SHIP_BY)
        return None

    @property
    def can_accept(self) -> bool:
        return self.state is SubOrderState.AWAITING_ACCEPTANCE

    @property
    def can_ship(self) -> bool:
        return self.state in TO_SEND

    def to_pack(self, line: Line) -> int:
        """Units of a line that are to be sent and in no parcel yet."""
        return line.left - self.packed.get(line.id, 0)

    @property
    def can_pack(self) -> bool:
        return self.can_ship and any(self.to_pack(line) for line in self.lines)

    @property
    def can_cancel(self) -> bool:
        return self.can_pack

    @property
    def answered_by(self) -> str | None:
        """The key of whoever accepted or refused it."""
        answers = (SubOrderMove.ACCEPT, SubOrderMove.REFUSE)
        return next((change.actor for change in self.changes if change.move in answers), None)
