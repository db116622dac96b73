"""Stock levels from a file: checked first, then written in slices, all or line by line.

A slice is a transaction. Whoever carries on after a stop writes what is not written yet; a line is
written once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.inventory import finding, moving, shortening
from marketplace.inventory.access import check_keeper, lock_shelves
from marketplace.inventory.errors import UploadHasErrors, UploadOver
from marketplace.inventory.models import MovementKind, Stock, StockUpload, UploadState
from marketplace.inventory.reading_files import FileLine, read_levels
from marketplace.kit.errors import NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.kit.transactions import atomic, connection, transaction
from marketplace.outbox import recording

WANTED = "stock_upload.wanted"
SLICE = 200

_KEEP_LINES = """
    INSERT INTO stock_upload_line
        (id, upload_id, vendor_id, position, sku, location, on_hand, stock_id, problem)
    SELECT item.id, $1, $2, item.position, item.sku, item.location, item.on_hand, item.stock_id,
        item.problem
    FROM unnest($3::uuid[], $4::int[], $5::text[], $6::text[], $7::int[], $8::uuid[], $9::text[])
        AS item (id, position, sku, location, on_hand, stock_id, problem)
"""
_PROBLEMS = "SELECT count(*) FROM stock_upload_line WHERE upload_id = $1 AND problem IS NOT NULL"
_NEXT = """
    SELECT id, stock_id, on_hand FROM stock_upload_line
    WHERE upload_id = $1 AND written_at IS NULL AND problem IS NULL
    ORDER BY position LIMIT $2
"""
_WRITTEN = "UPDATE stock_upload_line SET written_at = $2 WHERE id = ANY($1)"


@atomic()
async def check(
    *, principal: Principal, vendor_id: UUID, filename: str, content: bytes, now: datetime
) -> UUID:
    """Read a file and keep what each line would do; nothing changes yet. The upload's id.

    Columns sku, location (its code) and on_hand. Refuses (InvalidInput) what is not such a file.
    """
    check_keeper(principal)
    assert principal.vendor_id in (None, vendor_id), principal
    lines = read_levels(content)
    found = await finding.shelves_by_name(
        vendor_id=vendor_id, names=[(line.sku, line.location) for line in lines]
    )
    upload_id = new_id(now)
    await StockUpload.create(
        id=upload_id, vendor_id=vendor_id, filename=filename[:120] or "stock.csv",
        state=UploadState.CHECKED, actor=principal.key, created_at=now,
    )  # fmt: skip
    await connection().execute(
        _KEEP_LINES,
        upload_id,
        vendor_id,
        [new_id(now) for _ in lines],
        [line.position for line in lines],
        [line.sku for line in lines],
        [line.location for line in lines],
        [line.on_hand for line in lines],
        [None if line.problem else found.get((line.sku, line.location)) for line in lines],
        [line.problem or _unknown(line, found) for line in lines],
    )
    return upload_id


@atomic()
async def start(*, principal: Principal, upload_id: UUID, is_whole: bool, now: datetime) -> None:
    """Write the good lines, or all or none of them (`is_whole`); a worker does it from here.

    Starting twice starts it once. Refuses (UploadHasErrors) all or nothing of a file with
    problems, and a file that was discarded or written (UploadOver).
    """
    upload = await _held(principal, upload_id)
    if upload.state is UploadState.WORKING:
        return
    if upload.state is not UploadState.CHECKED:
        raise UploadOver(state=upload.state)
    problems = await connection().fetchval(_PROBLEMS, upload.id)
    if is_whole and problems:
        raise UploadHasErrors(problems=problems)
    upload.state, upload.is_whole = UploadState.WORKING, is_whole
    await upload.save(update_fields=["state", "is_whole"])
    await recording.record_unstreamed(WANTED, {"upload_id": str(upload.id)}, now=now)


@atomic()
async def discard(*, principal: Principal, upload_id: UUID) -> None:
    """Forget a file that was only looked at. Refuses one that was started (UploadOver)."""
    upload = await _held(principal, upload_id)
    if upload.state not in (UploadState.CHECKED, UploadState.DISCARDED):
        raise UploadOver(state=upload.state)
    upload.state = UploadState.DISCARDED
    await upload.save(update_fields=["state"])


async def carry_on(*, upload_id: UUID, now: datetime, at_once: int = SLICE) -> None:
    """Write what a started upload has not written yet. Safe to repeat, and beside itself."""
    while await _write_slice(upload_id, at_once, now):
        pass


async def _write_slice(upload_id: UUID, at_once: int, now: datetime) -> bool:
    """A slice, or all at once where it is all or nothing; whether there may be more."""
    async with transaction(SYSTEM):
        upload = await _held(SYSTEM, upload_id)
        if upload.state is not UploadState.WORKING:
            return False
        limit = None if upload.is_whole else at_once
        rows = await connection().fetch(_NEXT, upload.id, limit)
        await _write(rows, upload, now)
        await connection().execute(_WRITTEN, [row["id"] for row in rows], now)
        if limit is not None and len(rows) == limit:
            return True
        upload.state, upload.done_at = UploadState.DONE, now
        await upload.save(update_fields=["state", "done_at"])
        return False


async def _write(rows: Sequence[Any], upload: StockUpload, now: datetime) -> None:
    on_hand = {row["stock_id"]: row["on_hand"] for row in rows}
    shelves: list[Stock] = await lock_shelves(on_hand, by=SYSTEM)
    missing = shortening.missing_of(shelves, on_hand)
    await shortening.take_back(missing, now=now)
    for kind, those in (
        (MovementKind.FEED, {key: to for key, to in on_hand.items() if key not in missing}),
        (MovementKind.COMPENSATED, {key: on_hand[key] for key in missing}),
    ):
        await moving.move_to(those, kind, actor=upload.actor, now=now, reason=upload.filename)


async def _held(principal: Principal, upload_id: UUID) -> StockUpload:
    check_keeper(principal)
    theirs = StockUpload.filter(id=upload_id)
    if principal.vendor_id is not None:
        theirs = theirs.filter(vendor_id=principal.vendor_id)
    upload = await theirs.select_for_update(no_key=True).first()
    if upload is None:
        raise NotFound("upload")
    return upload


def _unknown(line: FileLine, found: Mapping[tuple[str, str], UUID]) -> str | None:
    if (line.sku, line.location) in found:
        return None
    return "You have no stock item with this SKU at this location."
