"""Where a history's sellers keep what they sell: one place each, or two, in sets."""

from datetime import datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection
from marketplace_runtime.replaying.rows import Place

LOCATION, SECOND = "main", "second"

_LOCATIONS = """
    INSERT INTO location (id, vendor_id, code, name, country, postal_code, priority)
    SELECT item.id, item.vendor_id, $5, item.name, $6, item.postal_code, $7
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[])
        AS item (id, vendor_id, name, postal_code)
"""
_STOCK = """
    INSERT INTO stock (id, offer_id, location_id, vendor_id, on_hand, reserved)
    SELECT item.id, item.offer_id, location.id, location.vendor_id, item.on_hand, 0
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[])
        AS item (id, offer_id, vendor_id, on_hand)
    JOIN location ON location.vendor_id = item.vendor_id AND location.code = $5
"""
Stocked = tuple[UUID, UUID, int]  # an offer, its seller, pieces


async def add_locations(
    vendor_ids: list[UUID], places: list[Place], *, country: str, twice: bool, at: datetime
) -> None:
    """Each seller's own place; with `twice` also one where the next seller on the list lives.

    The history has no second places: these make up a choice that it did not have.
    """
    await _add(LOCATION, vendor_ids, places, country=country, priority=1, at=at)
    if twice:
        next_ones = [*places[1:], *places[:1]]
        await _add(SECOND, vendor_ids, next_ones, country=country, priority=2, at=at)


async def add_stock(stocked: list[Stocked], *, twice: bool, at: datetime) -> None:
    """So many pieces of each offer; with `twice` as many again at the second place."""
    offers, owners, pieces = (list(column) for column in zip(*stocked, strict=True))
    for code in (LOCATION, SECOND) if twice else (LOCATION,):
        ids = [new_id(at) for _ in stocked]
        await connection().execute(_STOCK, ids, offers, owners, pieces, code)


async def _add(
    code: str,
    vendor_ids: list[UUID],
    places: list[Place],
    *,
    country: str,
    priority: int,
    at: datetime,
) -> None:
    await connection().execute(
        _LOCATIONS,
        [new_id(at) for _ in vendor_ids],
        vendor_ids,
        [f"{place.city.title()}, {place.state}" for place in places],
        [place.postal_code for place in places],
        code,
        country,
        priority,
    )
