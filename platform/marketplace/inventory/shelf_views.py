"""What a page of stock is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from marketplace.inventory.models import AheadKind, MovementKind
from marketplace.kit.money import Money

LONGEST_SEARCH = 100


class View(StrEnum):
    """LOW is at or below what the vendor asked to be told at; OUT can sell nothing."""

    ALL = "all"
    LOW = "low"
    OUT = "out"
    COMING = "coming"


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """`search` is part of an SKU or a product's name; `location` is a location's code.

    `vendor_id` is for staff, who see all; a vendor sees its own whatever is asked for.
    """

    search: str = ""
    location: str = ""
    vendor_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Up to `limit` rows after a row's key (SKU, id), or before it in reverse order."""

    limit: int
    after: tuple[str, UUID] | None = None
    before: tuple[str, UUID] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfRow:
    """`coming` pieces are announced and not received, the first of them on `coming_on`."""

    id: UUID
    offer_id: UUID
    vendor_id: UUID
    vendor: str
    sku: str
    name: str
    location: str
    location_code: str
    price_minor: int
    currency: str
    is_closed: bool
    on_hand: int
    reserved: int
    safety: int
    backorder_limit: int
    available: int
    low_at: int | None
    coming: int
    coming_on: date | None
    short: int

    @property
    def price(self) -> Money:
        """Of one unit, at whichever location."""
        return Money(self.price_minor, self.currency)

    @property
    def is_low(self) -> bool:
        return self.low_at is not None and self.available - self.backorder_limit <= self.low_at

    @property
    def is_out(self) -> bool:
        return self.available <= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementRow:
    """`order_number` and `sub_order_id` are of the order's part that is the vendor's."""

    kind: MovementKind
    delta: int
    after: int
    order_id: UUID | None
    order_number: str | None
    sub_order_id: UUID | None
    who: str
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    id: UUID
    quantity: int
    received: int
    expected_on: date
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AheadTerms:
    kind: AheadKind
    lead_days: int | None
    release_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfDetails:
    shelf: ShelfRow
    ahead: AheadTerms | None
    deliveries: Sequence[DeliveryRow]
    movements: Sequence[MovementRow]
