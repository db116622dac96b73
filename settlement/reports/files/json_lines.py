import json
from collections.abc import AsyncIterator
from decimal import Decimal

from marketplace.kit.csv_lines import Cell
from settlement.reports.files.batches import batches
from settlement.reports.files.cells import named
from settlement.reports.report import Report, Row


async def chunks(report: Report, rows: AsyncIterator[Row]) -> AsyncIterator[bytes]:
    """One object a line; decimals are texts, because JSON's numbers may be read as floats."""
    async for batch in batches(rows):
        yield "".join(_line(report, row) for row in batch).encode()


def _line(report: Report, row: Row) -> str:
    said = {name: _exact(cell) for name, cell in named(report, row)}
    return json.dumps(said, ensure_ascii=False) + "\n"


def _exact(cell: Cell) -> str | int | None:
    return str(cell) if isinstance(cell, Decimal) else cell
