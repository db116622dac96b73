"""Stock as its pages show it: every statement names whose rows it reads, or is staff's."""

from typing import Any
from uuid import UUID

from marketplace.inventory.models import AheadKind, MovementKind
from marketplace.inventory.shelf_views import (
    AheadTerms,
    DeliveryRow,
    MovementRow,
    Narrowed,
    ShelfDetails,
    ShelfRow,
    Slice,
    View,
)
from marketplace.kit.errors import NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import connection, transaction

MOVEMENTS_SHOWN = 50

_SHELVES = """
    SELECT stock.id, stock.offer_id, stock.vendor_id, vendor.name AS vendor, variant.sku,
        product.name || CASE variant.name WHEN '' THEN '' ELSE ', ' || variant.name END AS name,
        location.name AS location, location.code AS location_code,
        offer.price_minor, offer.currency, location.closed_at IS NOT NULL AS is_closed,
        stock.on_hand, stock.reserved, stock.safety,
        stock.backorder_limit, stock.available, stock.low_at, coming.pieces AS coming,
        coming.first_on AS coming_on, missed.units AS short
    FROM stock
    JOIN vendor ON vendor.id = stock.vendor_id
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
    WHERE {whose}
"""
_OF_ONE, _OF_ALL = "stock.vendor_id = $1", "$1::uuid IS NULL"
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
# Staff have names for staff only.
_MOVEMENTS = """
    SELECT movement.kind, movement.delta, movement.after, movement.reason, movement.at,
        movement.order_id, part.number AS order_number, part.id AS sub_order_id,
        CASE WHEN movement.actor = 'system' THEN 'Souk'
            WHEN movement.actor LIKE 'staff:%' AND NOT $4 THEN 'Marketplace staff'
            ELSE coalesce(person.name, key.name, 'A colleague') END AS who
    FROM stock_movement movement
    LEFT JOIN app_user person ON person.id::text = split_part(movement.actor, ':', 2)
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
    """Stock items by SKU: a vendor's own, or for staff those of one vendor or of all."""
    after, before = part.after or (None, None), part.before or (None, None)
    vendor_id, shelves_of = _whose(principal, narrowed.vendor_id)
    sql = _LIST.format(
        shelves=shelves_of, view=_VIEWS[view], direction="DESC" if part.before else "ASC"
    )
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(
            sql, vendor_id, _pattern(narrowed.search), narrowed.location, *after, *before,
            part.limit,
        )  # fmt: skip
    return [ShelfRow(**row) for row in rows]


async def count_views(*, principal: Principal, narrowed: Narrowed) -> dict[View, int]:
    counts = ", ".join(f"count(*) FILTER (WHERE {sql}) AS {view}" for view, sql in _VIEWS.items())
    vendor_id, shelves_of = _whose(principal, narrowed.vendor_id)
    sql = _COUNTS.format(shelves=shelves_of, counts=counts.replace(" AS all", ' AS "all"'))
    async with transaction(principal, read_only=True):
        row = await connection().fetchrow(
            sql, vendor_id, _pattern(narrowed.search), narrowed.location
        )
    return {view: row[view.value] for view in View}


async def shelf(*, principal: Principal, stock_id: UUID) -> ShelfDetails:
    """One stock item with its newest movements; another vendor's does not exist (NotFound)."""
    vendor_id, shelves_of = _whose(principal, None)
    async with transaction(principal, read_only=True):
        row = await connection().fetchrow(f"{shelves_of} AND stock.id = $2", vendor_id, stock_id)
        if row is None:
            raise NotFound("stock item")
        owner_id, is_staff = row["vendor_id"], vendor_id is None
        ahead = await connection().fetchrow(_AHEAD, owner_id, row["offer_id"])
        deliveries = await connection().fetch(_DELIVERIES, owner_id, stock_id)
        moved = await connection().fetch(_MOVEMENTS, owner_id, stock_id, MOVEMENTS_SHOWN, is_staff)
    return ShelfDetails(
        shelf=ShelfRow(**row),
        ahead=None if ahead is None else AheadTerms(**{**ahead, "kind": AheadKind(ahead["kind"])}),
        deliveries=[DeliveryRow(**delivery) for delivery in deliveries],
        movements=[_movement(movement) for movement in moved],
    )


def _movement(row: Any) -> MovementRow:
    return MovementRow(**{**row, "kind": MovementKind(row["kind"])})


def _whose(principal: Principal, wanted: UUID | None) -> tuple[UUID | None, str]:
    """The vendor to read for, None for all of them, and the statement that names it.

    Customers have no business here (NotFound).
    """
    if principal.kind is Kind.VENDOR:
        wanted = principal.vendor_id
    elif principal.kind not in (Kind.STAFF, Kind.SYSTEM):
        raise NotFound("stock item")
    return wanted, _SHELVES.format(whose=_OF_ALL if wanted is None else _OF_ONE)


def _pattern(search: str) -> str:
    """What was typed, and not what LIKE would make of it."""
    return search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
