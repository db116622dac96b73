from collections.abc import AsyncIterator, Sequence

from settlement.reports.report import Row

ROWS_IN_A_CHUNK = 500


async def batches(rows: AsyncIterator[Row]) -> AsyncIterator[Sequence[Row]]:
    """Rows a few hundred at a time, so that a chunk is worth sending."""
    batch: list[Row] = []
    async for row in rows:
        batch.append(row)
        if len(batch) == ROWS_IN_A_CHUNK:
            yield batch
            batch = []
    if batch:
        yield batch
