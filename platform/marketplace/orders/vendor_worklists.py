"""What a vendor's list can be asked for, and its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from marketplace.kit.money import Money
from marketplace.orders.states import TO_SEND, SubOrderState
from marketplace.sla.models import PauseCause


class View(StrEnum):
    """What of its orders a vendor looks at. LATE is of TO_DO, its deadline has passed."""

    TO_DO = "todo"
    ACCEPT = "accept"
    SHIP = "ship"
    LATE = "late"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    ALL = "all"


ACCEPTING = (SubOrderState.AWAITING_ACCEPTANCE,)
SHIPPING = TO_SEND
STATES: Mapping[View, tuple[SubOrderState, ...]] = {
    View.TO_DO: (*ACCEPTING, *SHIPPING),
    View.ACCEPT: ACCEPTING,
    View.SHIP: SHIPPING,
    View.LATE: (*ACCEPTING, *SHIPPING),
    View.SHIPPED: (SubOrderState.SHIPPED,),
    View.DELIVERED: (SubOrderState.DELIVERED, SubOrderState.CLOSED),
    View.ALL: tuple(SubOrderState),
}


class Sort(StrEnum):
    DUE = "due"
    PLACED = "placed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """`search` is part of a number, an SKU, a product, a recipient, a city or a tracking number.

    Orders placed from `placed_from` and before `placed_before`.
    """

    search: str = ""
    placed_from: datetime | None = None
    placed_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Up to `limit` rows after a row's key, or before it in reverse order; `rising` or falling."""

    sort: Sort
    rising: bool
    limit: int
    after: tuple[datetime, UUID] | None = None
    before: tuple[datetime, UUID] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    """`due_at` is the deadline that counts now, to accept or to ship; `left` units are to ship.

    `total` is what the customer pays for this vendor's part. Nothing is late while its deadline
    stands still, `paused_for` a cause.
    """

    id: UUID
    number: str
    state: SubOrderState
    placed_at: datetime
    due_at: datetime
    met_at: datetime | None
    paused_for: PauseCause | None
    customer_name: str
    city: str
    country: str
    first_item: str
    lines: int
    units: int
    left: int
    total: Money
    tracking_numbers: str

    @property
    def is_open(self) -> bool:
        return self.state in STATES[View.TO_DO]

    def is_late(self, now: datetime) -> bool:
        waits = self.is_open and self.met_at is None and self.paused_for is None
        return waits and self.due_at < now

    def key(self, sort: Sort) -> tuple[datetime, UUID]:
        return (self.due_at if sort is Sort.DUE else self.placed_at), self.id
