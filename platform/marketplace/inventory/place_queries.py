"""A vendor's locations and its files of stock levels, as its pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.inventory.models import Location, StockUpload
from marketplace.kit.errors import NotFound
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction

UPLOADS_SHOWN = 20
LINES_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """`before` is what is on hand now, `reserved` of it are promised."""

    position: int
    sku: str
    location: str
    on_hand: int | None
    before: int | None
    reserved: int | None
    problem: str | None
    written_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadDetails:
    """Problems come first; of very many lines the first 200 are shown."""

    upload: StockUpload
    lines: Sequence[LineRow]
    total: int
    problems: int
    changes: int
    written: int
    missing: int


# How many pieces that customers were promised would be missing.
_SUMS = """
    SELECT count(*) AS total, count(*) FILTER (WHERE line.problem IS NOT NULL) AS problems,
        count(*) FILTER (WHERE line.problem IS NULL AND line.written_at IS NULL
            AND line.on_hand <> stock.on_hand) AS changes,
        count(*) FILTER (WHERE line.written_at IS NOT NULL) AS written,
        coalesce(sum(greatest(stock.reserved - line.on_hand - stock.backorder_limit, 0))
            FILTER (WHERE line.problem IS NULL AND line.written_at IS NULL), 0)::int AS missing
    FROM stock_upload_line line LEFT JOIN stock ON stock.id = line.stock_id
    WHERE line.upload_id = $1 AND line.vendor_id = $2
"""
_LINES = """
    SELECT line.position, line.sku, line.location, line.on_hand, stock.on_hand AS before,
        stock.reserved, line.problem, line.written_at
    FROM stock_upload_line line LEFT JOIN stock ON stock.id = line.stock_id
    WHERE line.upload_id = $1 AND line.vendor_id = $2
    ORDER BY line.problem IS NULL, line.position LIMIT $3
"""


async def locations(*, principal: Principal) -> list[Location]:
    """All of a vendor's, in the order in which they are asked, the closed ones last."""
    async with transaction(principal, read_only=True):
        found = await Location.filter(vendor_id=principal.vendor_id).order_by("priority", "code")
    return sorted(found, key=lambda location: location.closed_at is not None)


async def uploads(*, principal: Principal) -> list[StockUpload]:
    """The newest first."""
    async with transaction(principal, read_only=True):
        theirs = StockUpload.filter(vendor_id=principal.vendor_id)
        return await theirs.order_by("-id").limit(UPLOADS_SHOWN)


async def upload(*, principal: Principal, upload_id: UUID) -> UploadDetails:
    """Another vendor's does not exist (NotFound)."""
    async with transaction(principal, read_only=True):
        found = await StockUpload.get_or_none(id=upload_id, vendor_id=principal.vendor_id)
        if found is None:
            raise NotFound("upload")
        sums = await connection().fetchrow(_SUMS, upload_id, principal.vendor_id)
        rows = await connection().fetch(_LINES, upload_id, principal.vendor_id, LINES_SHOWN)
    return UploadDetails(upload=found, lines=[LineRow(**row) for row in rows], **sums)
