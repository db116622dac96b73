"""A vendor's stock, as its pages show it. Every statement names the vendor whose rows it reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from marketplace.inventory.models import AheadKind, MovementKind
from marketplace.kit.errors import NotFound
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction

LONGEST_SEARCH = 100
MOVEMENTS_SHOWN = 50


class View(StrEnum):
    """LOW is at or below what the vendor asked to be told at; OUT can sell nothing."""

    ALL = "all"
    LOW = "low"
    OUT = "out"
    COMING = "coming"


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """`search` is part of an SKU or a product's name; `location` is a location's code."""

    search: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Up to `limit` rows after a row's key (SKU, id), or before it in reverse order."""

    limit: int
    after: tuple[str, UUID] | None = None
    before: tuple[str, UUID] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfRow:
    """`coming` pieces are announced and not received, the first of them on `coming_on`."""

    id: UUID
    offer_id: UUID
    sku: str
    name: str
    location: str
    location_code: str
    is_closed: bool
    on_hand: int
    reserved: int
    safety: int
    backorder_limit: int
    available: int
    low_at: int | None
    coming: int
    coming_on: date | None
    short: int

    @property
    def is_low(self) -> bool:
        return self.low_at is not None and self.available - self.backorder_limit <= self.low_at

    @property
    def is_out(self) -> bool:
        return self.available <= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementRow:
    kind: MovementKind
    delta: int
    after: int
    order_number: str | None
    sub_order_id: UUID | None
    who: str
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    id: UUID
    quantity: int
    received: int
    expected_on: date
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AheadTerms:
    kind: AheadKind
    lead_days: int | None
    release_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfDetails:
    shelf: ShelfRow
    ahead: AheadTerms | None
    deliveries: Sequence[DeliveryRow]
    movements: Sequence[MovementRow]


_SHELVES = """
    SELECT stock.id, stock.offer_id, variant.sku,
        product.name || CASE variant.name WHEN '' THEN '' ELSE ', ' || variant.name END AS name,
        location.name AS location, location.code AS location_code,
        location.closed_at IS NOT NULL AS is_closed, stock.on_hand, stock.reserved, stock.safety,
        stock.backorder_limit, stock.available, stock.low_at, coming.pieces AS coming,
        coming.first_on AS coming_on, missed.units AS short
    FROM stock
    JOIN location ON location.id = stock.location_id
    JOIN offer ON offer.id = stock.offer_id
    JOIN variant ON variant.id = offer.variant_id
    JOIN product ON product.id = variant.product_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(greatest(quantity - received, 0)), 0)::int AS pieces,
            min(expected_on) AS first_on
        FROM inbound WHERE inbound.stock_id = stock.id AND closed_at IS NULL
    ) coming
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(short), 0)::int AS units FROM reservation
        WHERE reservation.stock_id = stock.id AND short > 0
    ) missed
    WHERE stock.vendor_id = $1
"""
_VIEWS = {
    View.ALL: "true",
    View.LOW: "low_at IS NOT NULL AND available - backorder_limit <= low_at",
    View.OUT: "available <= 0",
    View.COMING: "coming > 0",
}
_LIST = """
    SELECT * FROM ({shelves}) shelf
    WHERE ({view})
        AND ($2 = '' OR sku ILIKE '%' || $2 || '%' OR name ILIKE '%' || $2 || '%')
        AND ($3 = '' OR location_code = $3)
        AND ($4::text IS NULL OR (sku, id) > ($4, $5::uuid))
        AND ($6::text IS NULL OR (sku, id) < ($6, $7::uuid))
    ORDER BY sku {direction}, id {direction} LIMIT $8
"""
_COUNTS = """
    SELECT {counts} FROM ({shelves}) shelf
    WHERE ($2 = '' OR sku ILIKE '%' || $2 || '%' OR name ILIKE '%' || $2 || '%')
        AND ($3 = '' OR location_code = $3)
"""
_MOVEMENTS = """
    SELECT movement.kind, movement.delta, movement.after, movement.reason, movement.at,
        part.number AS order_number, part.id AS sub_order_id,
        CASE WHEN movement.actor = 'system' THEN 'Souk'
            WHEN movement.actor LIKE 'staff:%' THEN 'Marketplace staff'
            ELSE coalesce(person.name, key.name, 'A colleague') END AS who
    FROM stock_movement movement
    LEFT JOIN app_user person ON movement.actor = 'vendor:' || person.id
    LEFT JOIN vendor_key key ON key.vendor_id = $1 AND movement.actor = 'vendor:' || key.id
    LEFT JOIN LATERAL (
        SELECT id, number FROM sub_order
        WHERE sub_order.order_id = movement.order_id AND sub_order.vendor_id = $1
        ORDER BY number LIMIT 1
    ) part ON true
    WHERE movement.stock_id = $2 AND movement.vendor_id = $1
    ORDER BY movement.id DESC LIMIT $3
"""
_DELIVERIES = """
    SELECT id, quantity, received, expected_on, reference FROM inbound
    WHERE stock_id = $2 AND vendor_id = $1 AND closed_at IS NULL ORDER BY expected_on, id
"""
_AHEAD = """
    SELECT kind, lead_days, release_on FROM selling_ahead WHERE offer_id = $2 AND vendor_id = $1
"""


async def shelves(
    *, principal: Principal, view: View, narrowed: Narrowed, part: Slice
) -> list[ShelfRow]:
    """A vendor's stock items by SKU."""
    after, before = part.after or (None, None), part.before or (None, None)
    sql = _LIST.format(
        shelves=_SHELVES, view=_VIEWS[view], direction="DESC" if part.before else "ASC"
    )
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(
            sql, _vendor(principal), _pattern(narrowed.search), narrowed.location, *after, *before,
            part.limit,
        )  # fmt: skip
    return [ShelfRow(**row) for row in rows]


async def count_views(*, principal: Principal, narrowed: Narrowed) -> dict[View, int]:
    counts = ", ".join(f"count(*) FILTER (WHERE {sql}) AS {view}" for view, sql in _VIEWS.items())
    sql = _COUNTS.format(shelves=_SHELVES, counts=counts.replace(" AS all", ' AS "all"'))
    async with transaction(principal, read_only=True):
        row = await connection().fetchrow(
            sql, _vendor(principal), _pattern(narrowed.search), narrowed.location
        )
    return {view: row[view.value] for view in View}


async def shelf(*, principal: Principal, stock_id: UUID) -> ShelfDetails:
    """One stock item with its newest movements; another vendor's does not exist (NotFound)."""
    vendor_id = _vendor(principal)
    async with transaction(principal, read_only=True):
        row = await connection().fetchrow(f"{_SHELVES} AND stock.id = $2", vendor_id, stock_id)
        if row is None:
            raise NotFound("stock item")
        ahead = await connection().fetchrow(_AHEAD, vendor_id, row["offer_id"])
        deliveries = await connection().fetch(_DELIVERIES, vendor_id, stock_id)
        moved = await connection().fetch(_MOVEMENTS, vendor_id, stock_id, MOVEMENTS_SHOWN)
    return ShelfDetails(
        shelf=ShelfRow(**row),
        ahead=None if ahead is None else AheadTerms(**{**ahead, "kind": AheadKind(ahead["kind"])}),
        deliveries=[DeliveryRow(**delivery) for delivery in deliveries],
        movements=[_movement(movement) for movement in moved],
    )


def _movement(row: Any) -> MovementRow:
    return MovementRow(**{**row, "kind": MovementKind(row["kind"])})


def _vendor(principal: Principal) -> UUID:
    assert principal.vendor_id is not None, principal
    return principal.vendor_id


def _pattern(search: str) -> str:
    """What was typed, and not what LIKE would make of it."""
    return search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
