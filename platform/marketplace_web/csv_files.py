"""Lists as files for spreadsheets, sent as they are read."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal

from starlette.responses import Response, StreamingResponse

Cell = str | int | Decimal
# A spreadsheet takes a text that starts with one of these for a formula, and runs it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # spreadsheets read UTF-8 only behind it


def csv_file(
    name: str, header: Sequence[str], batches: AsyncIterator[Sequence[Sequence[Cell]]]
) -> Response:
    """A download; the batches are read one by one, so that a long list needs little memory."""

    async def lines() -> AsyncIterator[str]:
        yield BYTE_ORDER_MARK + _lines([header])
        async for batch in batches:
            yield _lines(batch)

    return StreamingResponse(
        lines(),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "no-store",
        },
    )


def harmless(cell: Cell) -> Cell:
    """Numbers as they are; a text that would be a formula behind an apostrophe."""
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell


def _lines(rows: Sequence[Sequence[Cell]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([harmless(cell) for cell in row] for row in rows)
    return written.getvalue()
