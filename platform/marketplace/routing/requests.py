"""What is asked of the engine: lines, a destination, and every place that could serve them.

Plain values that go into JSON and come back equal, because a decision keeps what it was made from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Preference(StrEnum):
    """What the customer cares for most, if they said so."""

    SOONEST = "soonest"
    FEWEST_PARCELS = "fewest_parcels"
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    country: str
    postcode: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`offer_id` is the offer that the customer chose; None takes any seller's of the variant."""

    id: str
    variant_id: str
    offer_id: str | None
    sku: str
    category: str
    quantity: int
    value_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One offer at one location, as the stock, calendar and rates said when it was looked at.

    `distance` is in zones: 0 the same postal region, 1 the same country, 2 abroad. What is not
    known is None and ranks behind what is. `available` may be sold, `at_hand` of it need not
    arrive first. `outage` and `closed` say why nothing leaves the location, or the vendor, if so.
    """

    stock_id: str
    offer_id: str
    variant_id: str
    vendor_id: str
    vendor: str
    location: str
    location_name: str
    country: str
    priority: int
    available: int
    at_hand: int
    distance: int
    price_minor: int
    ships_there: bool = True
    shipping_minor: int | None = None
    promise_days: int | None = None
    vendor_score: int | None = None
    capacity_left: int | None = None
    closed: str | None = None
    outage: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Amounts are minor units of `currency`."""

    currency: str
    destination: Destination
    order_value_minor: int
    lines: Sequence[Line]
    candidates: Sequence[Candidate]
    preference: Preference | None = None
    without_vendors: Sequence[str] = field(default_factory=tuple)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Request":
        wanted = kept.get("preference")
        return cls(
            currency=kept["currency"],
            destination=Destination(**kept["destination"]),
            order_value_minor=kept["order_value_minor"],
            lines=tuple(Line(**line) for line in kept["lines"]),
            candidates=tuple(Candidate(**candidate) for candidate in kept["candidates"]),
            preference=Preference(wanted) if wanted else None,
            without_vendors=tuple(kept["without_vendors"]),
        )
