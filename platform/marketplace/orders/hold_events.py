"""What is told of orders that wait for somebody, or are not accepted."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from marketplace.outbox.recording import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDeclined(Event):
    """Its money came, and goes back: the order was too great a risk."""

    name: ClassVar[str] = "order.declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHoldEvent(Event):
    """Something about what an order, or a part of it, waits for."""

    hold_id: UUID
    sub_order_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHoldPlaced(OrderHoldEvent):
    """It waits for somebody to look at it."""

    name: ClassVar[str] = "order_hold.placed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHoldReleased(OrderHoldEvent):
    """It does not wait for that any more."""

    name: ClassVar[str] = "order_hold.released"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressAsked(Event):
    """The customer is sent a link to put the address right."""

    name: ClassVar[str] = "order.address_asked"

    correction_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressCorrected(Event):
    """The customer put the address right."""

    name: ClassVar[str] = "order.address_corrected"

    correction_id: UUID
