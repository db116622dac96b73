"""Where things leave from: each location with its day's capacity and what is closed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import Forbidden
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import connection, transaction

# A vendor's own, or everybody's; the location of a closure is empty for the vendor as a whole.
_PLACES = """
    SELECT location.id, location.vendor_id, vendor.name AS vendor, location.name, location.code,
        location.country, profile.promise_days, profile.daily_lines, profile.ships_to
    FROM location JOIN vendor ON vendor.id = location.vendor_id
    LEFT JOIN location_profile profile ON profile.location_id = location.id
    WHERE location.closed_at IS NULL AND ($1::uuid IS NULL OR location.vendor_id = $1)
    ORDER BY vendor.name, location.priority, location.code LIMIT 500
"""
_CLOSURES = """
    SELECT closure.id, closure.vendor_id, vendor.name AS vendor, closure.location_id,
        location.name AS location, closure.reason, closure.starts_at, closure.ends_at
    FROM routing_closure closure JOIN vendor ON vendor.id = closure.vendor_id
    LEFT JOIN location ON location.id = closure.location_id
    WHERE (closure.ends_at IS NULL OR closure.ends_at > $2)
        AND ($1::uuid IS NULL OR closure.vendor_id = $1)
    ORDER BY closure.starts_at, closure.id LIMIT 500
"""
_SCORES = """
    SELECT vendor.name AS vendor, standing.score, standing.set_at
    FROM vendor_standing standing JOIN vendor ON vendor.id = standing.vendor_id
    ORDER BY vendor.name, vendor.id LIMIT 500
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`ships_to` is empty where it ships everywhere; what is None is not bounded or not known."""

    id: UUID
    vendor_id: UUID
    vendor: str
    name: str
    code: str
    country: str
    promise_days: int | None
    daily_lines: int | None
    ships_to: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    id: UUID
    vendor_id: UUID
    vendor: str
    location_id: UUID | None
    location: str | None
    reason: str
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well a vendor does, 0 to 1000; of others the ranker `vendor_score` knows nothing."""

    vendor: str
    score: int
    set_at: datetime


async def everything(*, principal: Principal, now: datetime) -> tuple[list[Place], list[Closure]]:
    """A vendor's own places and what is closed of them; all of everybody's for staff."""
    if principal.kind not in (Kind.VENDOR, Kind.STAFF):
        raise Forbidden("see where things leave from")
    async with transaction(principal, read_only=True):
        places = await connection().fetch(_PLACES, principal.vendor_id)
        closures = await connection().fetch(_CLOSURES, principal.vendor_id, now)
    return (
        [Place(**{**row, "ships_to": json.loads(row["ships_to"] or "[]")}) for row in places],
        [Closure(**row) for row in closures],
    )


async def scores(*, principal: Principal) -> list[Score]:
    """Those that were set, by the vendors' names. For staff."""
    if principal.kind is not Kind.STAFF:
        raise Forbidden("see how vendors do")
    async with transaction(principal, read_only=True):
        return [Score(**row) for row in await connection().fetch(_SCORES)]
