"""What a carrier's news mean for a parcel: whatever order they come in, they end the same.

All the news kept of a parcel are read by the carrier's own clock. A later scan moves it on, an
earlier stage never moves it back, except that trouble is followed by whatever comes after it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from marketplace.orders.states import SHIPMENT, ShipmentMove, ShipmentState


class TrackingStatus(StrEnum):
    """What a carrier can tell, in the words that all carriers are translated to."""

    HANDED_OVER = "handed_over"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    EXCEPTION = "exception"
    RETURNED_TO_SENDER = "returned_to_sender"
    LOST = "lost"
    DELIVERED = "delivered"


class TrackingValidity(StrEnum):
    """VERIFIED: the carrier has scanned it. INVALID: no number of this carrier looks like it."""

    MISSING = "missing"
    UNVERIFIED = "unverified"
    INVALID = "invalid"
    VERIFIED = "verified"


class Resolution(StrEnum):
    """What was decided of a parcel that was lost or came back."""

    REPLACED = "replaced"
    REFUNDED = "refunded"


RANK = {status: rank for rank, status in enumerate(TrackingStatus)}
ENDS = (TrackingStatus.RETURNED_TO_SENDER, TrackingStatus.LOST, TrackingStatus.DELIVERED)
_MOVES = {
    ShipmentState.IN_TRANSIT: ShipmentMove.TRAVEL,
    ShipmentState.OUT_FOR_DELIVERY: ShipmentMove.GO_OUT,
    ShipmentState.EXCEPTION: ShipmentMove.HIT_TROUBLE,
    ShipmentState.DELIVERED: ShipmentMove.DELIVER,
    ShipmentState.LOST: ShipmentMove.LOSE,
    ShipmentState.RETURNED_TO_SENDER: ShipmentMove.SEND_BACK,
}


@dataclass(frozen=True, slots=True)
class Scan:
    status: TrackingStatus
    happened_at: datetime


def stage(scans: Iterable[Scan]) -> TrackingStatus | None:
    """Where the parcel is by all of them; None without any. An end is an end.

    Of several ends the strongest counts: delivered, then lost, then returned to its sender.
    """
    current: TrackingStatus | None = None
    for scan in sorted(scans, key=lambda scan: (scan.happened_at, RANK[scan.status])):
        if current is None or _follows(current, scan.status):
            current = scan.status
    return current


def _follows(current: TrackingStatus, told: TrackingStatus) -> bool:
    if current in ENDS:
        return told in ENDS and RANK[told] > RANK[current]
    if current is TrackingStatus.EXCEPTION:
        return told not in (TrackingStatus.EXCEPTION, TrackingStatus.HANDED_OVER)
    return RANK[told] > RANK[current]


def moves(state: ShipmentState, told: TrackingStatus) -> list[ShipmentMove]:
    """The way from a state to what is told; through trouble where news of that came late.

    Empty where it is there already, or where there is no way.
    """
    wanted = ShipmentState(told.value)
    last = _MOVES.get(wanted)
    if last is None or wanted is state:
        return []
    if last in SHIPMENT.allows(state):
        return [last]
    by_way_of = SHIPMENT.moves.get(state, {}).get(ShipmentMove.HIT_TROUBLE)
    if by_way_of is not None and last in SHIPMENT.allows(by_way_of):
        return [ShipmentMove.HIT_TROUBLE, last]
    return []
