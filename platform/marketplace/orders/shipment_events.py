"""What is told of parcels."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from marketplace.orders.events import SubOrderEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentEvent(SubOrderEvent):
    """Something about one parcel."""

    shipment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentCreated(ShipmentEvent):
    """A parcel was packed; it has not left."""

    name: ClassVar[str] = "shipment.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentLabelled(ShipmentEvent):
    """The carrier gave it a label and a number."""

    name: ClassVar[str] = "shipment.labelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentHandedOver(ShipmentEvent):
    """The carrier has it."""

    name: ClassVar[str] = "shipment.handed_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentInTransit(ShipmentEvent):
    """The carrier scanned it on its way."""

    name: ClassVar[str] = "shipment.in_transit"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentOutForDelivery(ShipmentEvent):
    """It comes today."""

    name: ClassVar[str] = "shipment.out_for_delivery"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentInTrouble(ShipmentEvent):
    """The carrier met a problem on the way."""

    name: ClassVar[str] = "shipment.exception"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDelivered(ShipmentEvent):
    """A parcel arrived."""

    name: ClassVar[str] = "shipment.delivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentLost(ShipmentEvent):
    """A parcel is lost: the seller decides how it goes on."""

    name: ClassVar[str] = "shipment.lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentReturned(ShipmentEvent):
    """A parcel came back undelivered: the seller decides how it goes on."""

    name: ClassVar[str] = "shipment.returned_to_sender"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentReadyForPickup(ShipmentEvent):
    """It waits in the store for the customer."""

    name: ClassVar[str] = "shipment.ready_for_pickup"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentCollected(ShipmentEvent):
    """The customer took it along."""

    name: ClassVar[str] = "shipment.collected"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentCancelled(ShipmentEvent):
    """It does not leave after all."""

    name: ClassVar[str] = "shipment.cancelled"
