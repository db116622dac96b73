from collections.abc import AsyncIterator

from marketplace.kit.csv_lines import BYTE_ORDER_MARK, csv_lines
from settlement.reports.files.batches import batches
from settlement.reports.files.cells import cells, header
from settlement.reports.report import Report, Row


async def chunks(report: Report, rows: AsyncIterator[Row]) -> AsyncIterator[bytes]:
    """RFC 4180 in UTF-8: a header, then the rows. A text that looks like a formula is defused."""
    yield (BYTE_ORDER_MARK + csv_lines([header(report)])).encode()
    async for batch in batches(rows):
        yield csv_lines(cells(report, row) for row in batch).encode()
