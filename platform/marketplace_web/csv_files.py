"""Lists as files for spreadsheets, sent as they are read."""

from collections.abc import AsyncIterator, Sequence

from starlette.responses import Response, StreamingResponse

from marketplace.kit.csv_lines import BYTE_ORDER_MARK, Cell, csv_lines


def csv_file(
    name: str, header: Sequence[str], batches: AsyncIterator[Sequence[Sequence[Cell]]]
) -> Response:
    """A download; the batches are read one by one, so that a long list needs little memory."""

    async def lines() -> AsyncIterator[str]:
        yield BYTE_ORDER_MARK + csv_lines([header])
        async for batch in batches:
            yield csv_lines(batch)

    return StreamingResponse(
        lines(),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "no-store",
        },
    )
