"""A vendor's stock as its own system reads it: page by page, to be compared with what it knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from marketplace.inventory.access import check_keeper
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction

_FIRST = UUID(int=0)
# By id and not by SKU: the index has this order, and what is new comes last.
_LEVELS = """
    SELECT stock.id, variant.sku, location.code AS location, stock.on_hand, stock.reserved,
        stock.safety, stock.available, stock.version
    FROM stock
    JOIN location ON location.id = stock.location_id
    JOIN offer ON offer.id = stock.offer_id
    JOIN variant ON variant.id = offer.variant_id
    WHERE stock.vendor_id = $1 AND stock.id > $2 ORDER BY stock.id LIMIT $3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """`version` is the newest event's, 0 where none came; `available` may be below zero."""

    id: UUID
    sku: str
    location: str
    on_hand: int
    reserved: int
    safety: int
    available: int
    version: int


async def levels(*, principal: Principal, after: UUID | None, limit: int) -> Sequence[Level]:
    """Up to `limit` stock items of the vendor behind this one. Refuses who only looks."""
    check_keeper(principal)
    assert principal.vendor_id is not None, principal
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(_LEVELS, principal.vendor_id, after or _FIRST, limit)
    return [Level(**row) for row in rows]
