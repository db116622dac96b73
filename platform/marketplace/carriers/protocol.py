"""What Souk asks of a carrier, and what a carrier tells. Addresses and weights stay as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRequest:
    """`key` makes it once: the same key gives the same label, however often it is asked."""

    key: UUID
    sender: str
    recipient: Sequence[str]
    country: str


@dataclass(frozen=True, slots=True)
class Label:
    """`data` is what is printed, as text."""

    tracking_number: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierNews:
    """One event of one parcel. `status` is a word of `orders.tracks.TrackingStatus`.

    `event_id` is the carrier's own: telling it twice is telling it once.
    """

    event_id: str
    tracking_number: str
    status: str
    place: str | None
    happened_at: datetime


class CarrierUnavailable(Exception):
    """It did not answer, or not in words we know: asked again later, with the same key."""


class Carrier(Protocol):
    """One carrier; its name is what stands on a parcel."""

    @property
    def name(self) -> str: ...

    async def create_label(self, request: LabelRequest) -> Label:
        """Raises CarrierUnavailable; a label that was made twice is the same one."""

    def read_news(self, body: bytes, headers: Mapping[str, str]) -> Sequence[CarrierNews]:
        """What a message to our door says. Raises NotTheCarrier for what it did not send."""


class NotTheCarrier(Exception):
    """The signature is missing or wrong, or the body is not what this carrier sends."""
