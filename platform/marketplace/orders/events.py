from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from marketplace.outbox.recording import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(Event):
    """An order was placed; it waits for its payment."""

    name: ClassVar[str] = "order.placed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAddressChanged(Event):
    """Where the order goes was corrected before any seller accepted it."""

    name: ClassVar[str] = "order.address_changed"

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderEvent(Event):
    """Something about one seller's part of an order."""

    sub_order_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderReleased(SubOrderEvent):
    """Payment covers it: the vendor may see it."""

    name: ClassVar[str] = "sub_order.released"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderAccepted(SubOrderEvent):
    """The vendor accepted it, perhaps not all units."""

    name: ClassVar[str] = "sub_order.accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderRefused(SubOrderEvent):
    """The vendor refused all of it."""

    name: ClassVar[str] = "sub_order.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderExpired(SubOrderEvent):
    """The vendor did not answer in time."""

    name: ClassVar[str] = "sub_order.expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderPreparing(SubOrderEvent):
    """The vendor began to pick and pack it."""

    name: ClassVar[str] = "sub_order.preparing"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderReady(SubOrderEvent):
    """It is packed and waits for the carrier."""

    name: ClassVar[str] = "sub_order.ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderPartlyCancelled(SubOrderEvent):
    """Units of it were cancelled; others are still to be sent."""

    name: ClassVar[str] = "sub_order.partly_cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderRerouted(SubOrderEvent):
    """Units that this sub-order's vendor does not send went on, with their money, to another."""

    name: ClassVar[str] = "sub_order.rerouted"

    to_sub_order_id: UUID
    reroute_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderHandedOn(SubOrderEvent):
    """What its vendor was late with, as the deadline says, is another one's to send."""

    name: ClassVar[str] = "sub_order.handed_on"

    clock_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderRelocated(SubOrderEvent):
    """A line that ran short at one location leaves from another one of the same vendor."""

    name: ClassVar[str] = "sub_order.relocated"

    line_id: UUID
    stock_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderCancelled(SubOrderEvent):
    """Nothing of it is left to be sent: cancelled, or lost and paid back."""

    name: ClassVar[str] = "sub_order.cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderPartlyShipped(SubOrderEvent):
    """A parcel left, more are to follow."""

    name: ClassVar[str] = "sub_order.partly_shipped"

    shipment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderShipped(SubOrderEvent):
    """The last live unit left, or what had not left was cancelled: the vendor has earned it."""

    name: ClassVar[str] = "sub_order.shipped"

    shipment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderReplacing(SubOrderEvent):
    """Units of a lost or returned parcel are sent again."""

    name: ClassVar[str] = "sub_order.replacing"

    shipment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderWrittenOff(SubOrderEvent):
    """Units of a lost or returned parcel are given up and paid back."""

    name: ClassVar[str] = "sub_order.written_off"

    shipment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderDelivered(SubOrderEvent):
    """Its last parcel arrived."""

    name: ClassVar[str] = "sub_order.delivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderClosed(SubOrderEvent):
    """The time for returns has passed."""

    name: ClassVar[str] = "sub_order.closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaEvent(Event):
    """Something about a deadline."""

    clock_id: UUID
    kind: str
    subject_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaWarned(SlaEvent):
    """A deadline is near."""

    name: ClassVar[str] = "sla.warned"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaBreached(SlaEvent):
    """A deadline passed."""

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
    """The policy has the vendor reminded."""

    name: ClassVar[str] = "sla.vendor_notified"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaEscalated(SlaActionEvent):
    """The policy wants staff to look."""

    name: ClassVar[str] = "sla.escalated"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaPenaltyDue(SlaActionEvent):
    """The policy has the vendor pay."""

    name: ClassVar[str] = "sla.penalty_due"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaCreditDue(SlaActionEvent):
    """The policy gives the customer something back."""

    name: ClassVar[str] = "sla.credit_due"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaRerouteDue(SlaActionEvent):
    """The policy has another seller send it, if one can."""

    name: ClassVar[str] = "sla.reroute_due"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubOrderDelayed(SubOrderEvent):
    """The customer is told of a new date."""

    name: ClassVar[str] = "sub_order.delayed"

    notice_id: UUID
