"""A carrier of our own making, for development, demos and tests: the same parcel, the same fate.

Numbers, labels and scans follow from the parcel's id and the moment it was handed over, so that
virtual time may run as it likes. Its news come signed through the door that a real carrier's do.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from marketplace.carriers.protocol import CarrierNews, Label, LabelRequest, NotTheCarrier

NAME = "Souk Parcel"
SIGNATURE = "x-carrier-signature"


class Fate(StrEnum):
    """What happens to a parcel, of a hundred: 90 arrive, 5 late, 2 are lost, 3 come back."""

    ARRIVES = "arrives"
    TROUBLED = "troubled"
    LOST = "lost"
    COMES_BACK = "comes_back"


# Hours after it was handed over, and where. Every fate begins like the others.
_BEGINS = ((1, "handed_over", "Depot"), (14, "in_transit", "Sorting centre"))
_STORIES: Mapping[Fate, Sequence[tuple[int, str, str]]] = {
    Fate.ARRIVES: (
        *_BEGINS, (38, "out_for_delivery", "Delivery base"), (43, "delivered", "Front door"),
    ),
    Fate.TROUBLED: (
        *_BEGINS, (40, "exception", "Delivery base"), (64, "in_transit", "Delivery base"),
        (86, "out_for_delivery", "Delivery base"), (91, "delivered", "Front door"),
    ),
    Fate.LOST: (*_BEGINS, (60, "exception", "Sorting centre"), (240, "lost", "Sorting centre")),
    Fate.COMES_BACK: (
        *_BEGINS, (38, "out_for_delivery", "Delivery base"), (44, "exception", "Front door"),
        (188, "returned_to_sender", "Sender"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SimulatedCarrier:
    secret: str
    name: str = NAME

    async def create_label(self, request: LabelRequest) -> Label:
        number = number_of(request.key)
        lines = [NAME, number, f"From {request.sender}", "To", *request.recipient]
        return Label(number, "\n".join(lines))

    def read_news(self, body: bytes, headers: Mapping[str, str]) -> Sequence[CarrierNews]:
        if not hmac.compare_digest(self.sign(body), headers.get(SIGNATURE, "")):
            raise NotTheCarrier
        try:
            told = json.loads(body)["events"]
            return [
                CarrierNews(
                    event_id=str(event["id"]),
                    tracking_number=str(event["number"]),
                    status=str(event["status"]),
                    place=event.get("place"),
                    happened_at=datetime.fromisoformat(event["at"]),
                )
                for event in told
            ]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise NotTheCarrier from error

    def sign(self, body: bytes) -> str:
        return hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()

    def write_news(self, news: Sequence[CarrierNews]) -> tuple[bytes, dict[str, str]]:
        """A message as it comes through the door, with its headers."""
        events = [
            {
                "id": one.event_id, "number": one.tracking_number, "status": one.status,
                "place": one.place, "at": one.happened_at.isoformat(),
            }
            for one in news
        ]  # fmt: skip
        body = json.dumps({"events": events}).encode()
        return body, {SIGNATURE: self.sign(body)}


def number_of(shipment_id: UUID) -> str:
    """SP and twelve digits, which are the parcel's own."""
    return f"SP{_draw(shipment_id) % 10**12:012}"


def fate_of(tracking_number: str) -> Fate:
    share = int(tracking_number[-2:])
    if share < 90:
        return Fate.ARRIVES
    if share < 95:
        return Fate.TROUBLED
    return Fate.LOST if share < 97 else Fate.COMES_BACK


def news_of(
    tracking_number: str, *, handed_over_at: datetime, until: datetime
) -> list[CarrierNews]:
    """All that has happened to a parcel by a moment, in its order."""
    return [
        CarrierNews(
            event_id=f"{tracking_number}-{step}",
            tracking_number=tracking_number,
            status=status,
            place=place,
            happened_at=handed_over_at + timedelta(hours=hours),
        )
        for step, (hours, status, place) in enumerate(_STORIES[fate_of(tracking_number)])
        if handed_over_at + timedelta(hours=hours) <= until
    ]


def _draw(shipment_id: UUID) -> int:
    return int.from_bytes(hashlib.sha256(shipment_id.bytes).digest()[:8])
