from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from marketplace.outbox.recording import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(Event):
    name: ClassVar[str] = "order.placed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDeclined(Event):
    """Its money came, and goes back: the order was too great a risk."""

    name: ClassVar[str] = "order.declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHoldEvent(Event):
    hold_id: UUID
    sub_order_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHoldPlaced(OrderHoldEvent):
    name: ClassVar[str] = "order_hold.placed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHoldReleased(OrderHoldEvent):
    name: ClassVar[str] = "order_hold.released"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressAsked(Event):
    """The customer is sent a link to put the address right."""

    name: ClassVar[str] = "order.address_asked"

    correction_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressCorrected(Event):
    name: ClassVar[str] = "order.address_corrected"

    correction_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderEvent(Event):
    sub_order_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderReleased(SubOrderEvent):
    name: ClassVar[str] = "sub_order.released"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderAccepted(SubOrderEvent):
    name: ClassVar[str] = "sub_order.accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderRefused(SubOrderEvent):
    name: ClassVar[str] = "sub_order.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderExpired(SubOrderEvent):
    name: ClassVar[str] = "sub_order.expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderRerouted(SubOrderEvent):
    """Units that this sub-order's vendor does not send went on, with their money, to another."""

    name: ClassVar[str] = "sub_order.rerouted"

    to_sub_order_id: UUID
    reroute_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderCancelled(SubOrderEvent):
    name: ClassVar[str] = "sub_order.cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderPartlyShipped(SubOrderEvent):
    name: ClassVar[str] = "sub_order.partly_shipped"

    shipment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderShipped(SubOrderEvent):
    """The last live unit left: the vendor has earned the sub-order."""

    name: ClassVar[str] = "sub_order.shipped"

    shipment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDelivered(SubOrderEvent):
    name: ClassVar[str] = "shipment.delivered"

    shipment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderDelivered(SubOrderEvent):
    name: ClassVar[str] = "sub_order.delivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaEvent(Event):
    clock_id: UUID
    kind: str
    subject_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaWarned(SlaEvent):
    name: ClassVar[str] = "sla.warned"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaBreached(SlaEvent):
    name: ClassVar[str] = "sla.breached"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaActionEvent(Event):
    """Something the policy wants done about a deadline; `run_id` is that one doing of it."""

    run_id: UUID
    clock_id: UUID
    sub_order_id: UUID
    moment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaVendorNotified(SlaActionEvent):
    name: ClassVar[str] = "sla.vendor_notified"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaEscalated(SlaActionEvent):
    name: ClassVar[str] = "sla.escalated"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaPenaltyDue(SlaActionEvent):
    name: ClassVar[str] = "sla.penalty_due"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaCreditDue(SlaActionEvent):
    name: ClassVar[str] = "sla.credit_due"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderDelayed(SubOrderEvent):
    """The customer is told of a new date."""

    name: ClassVar[str] = "sub_order.delayed"

    notice_id: UUID
