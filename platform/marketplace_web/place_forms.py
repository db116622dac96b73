"""The forms about places that both sellers and staff fill in: a closure, a location's day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from starlette.requests import Request

from marketplace.kit.errors import NotFound
from marketplace.routing.places import Place
from marketplace_web.forms import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedClosure:
    """`location_id` is None for the vendor as a whole; it ends with a day, or is left open."""

    vendor_id: UUID
    location_id: UUID | None
    reason: str
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedProfile:
    promise_days: int | None
    daily_lines: int | None
    ships_to: list[str]


def choices(places: Sequence[Place]) -> list[tuple[str, str]]:
    """Every place, and every seller as a whole."""
    sellers = {place.vendor_id: place.vendor for place in places}
    return [
        *((str(vendor_id), f"{name}, everywhere") for vendor_id, name in sellers.items()),
        *((str(place.id), f"{place.vendor}, {place.name}") for place in places),
    ]


def closure(request: Request, form: Form, places: Sequence[Place]) -> AskedClosure | None:
    """What was typed, or None with the errors beside the fields."""
    asked = form.choice("where", [value for value, _ in choices(places)])
    reason, until = form.text("reason", longest=120), form.day("until", required=False)
    if form.errors:
        return None
    place = next((one for one in places if str(one.id) == asked), None)
    ends_at = None
    if until is not None:
        zone = request.state.reader.zone
        ends_at = datetime.combine(until + timedelta(days=1), time(), tzinfo=zone)
    return AskedClosure(
        vendor_id=place.vendor_id if place else UUID(asked),
        location_id=place.id if place else None,
        reason=reason,
        ends_at=ends_at,
    )


def profile(form: Form) -> AskedProfile:
    """An empty number is none."""

    def number(name: str) -> int | None:
        found = form.integer(name, minimum=0, maximum=100_000, empty=-1)
        return None if found < 0 else found

    return AskedProfile(
        promise_days=number("promise_days"),
        daily_lines=number("daily_lines"),
        ships_to=[part for part in form.value("ships_to").replace(",", " ").split() if part],
    )


def find(places: Sequence[Place], location_id: UUID) -> Place:
    """One of those that the reader sees."""
    for place in places:
        if place.id == location_id:
            return place
    raise NotFound("location")
