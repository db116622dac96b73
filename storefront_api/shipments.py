"""A parcel as its customer sees it: on its way, or waiting in a store."""

from datetime import datetime
from typing import Self

import strawberry

from marketplace.orders.states import ShipmentState
from marketplace.orders.tracks import TrackingStatus
from marketplace.orders.views import ScanView, ShipmentView
from storefront_api.ids import Of, encode

for words in (ShipmentState, TrackingStatus):
    strawberry.enum(words)


@strawberry.type
class ShippedUnits:
    line_id: strawberry.ID
    quantity: int


@strawberry.type(description="A scan of a parcel, or other news of it, by its carrier.")
class Scan:
    status: TrackingStatus
    place: str | None
    happened_at: datetime

    @classmethod
    def of(cls, view: ScanView) -> Self:
        return cls(status=view.status, place=view.place, happened_at=view.happened_at)


@strawberry.type(description="One parcel.")
class Shipment:
    id: strawberry.ID
    status: ShipmentState
    carrier: str = strawberry.field(description="Empty for what is collected in a store.")
    tracking_number: str
    shipped_at: datetime | None = strawberry.field(description="When it was out of the door.")
    delivered_at: datetime | None
    collect_by: datetime | None = strawberry.field(
        description="Until when the store keeps it; later by the time it was on hold."
    )
    pickup_place: str | None = strawberry.field(description="Where it is collected.")
    pickup_code: str | None = strawberry.field(
        description="What the customer says at the counter, while it waits there."
    )
    is_on_hold: bool = strawberry.field(
        description="It waits in a store and cannot be collected now; its time stands still."
    )
    scans: list[Scan] = strawberry.field(description="What the carrier told, newest first.")
    contents: list[ShippedUnits]

    @classmethod
    def of(cls, view: ShipmentView) -> Self:
        return cls(
            id=encode(Of.SHIPMENT, view.id),
            status=view.state,
            carrier=view.carrier,
            tracking_number=view.tracking_number,
            shipped_at=view.shipped_at,
            delivered_at=view.delivered_at,
            collect_by=view.collect_by,
            pickup_place=view.place,
            pickup_code=(
                view.pickup_code if view.state is ShipmentState.READY_FOR_PICKUP else None
            ),
            is_on_hold=view.is_on_hold,
            scans=[Scan.of(scan) for scan in view.scans],
            contents=[
                ShippedUnits(line_id=encode(Of.LINE, line_id), quantity=quantity)
                for line_id, quantity in view.units.items()
            ],
        )
