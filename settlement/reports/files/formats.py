"""A report's rows as a file, in chunks of bytes, whatever its size."""

from collections.abc import AsyncGenerator, AsyncIterator
from enum import StrEnum

from marketplace.kit.principal import Principal
from settlement.reports import running
from settlement.reports.files import csv, json_lines, xlsx
from settlement.reports.report import Report, Row, Values


class Format(StrEnum):
    """Its value is the file's ending."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "jsonl"

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSON: "application/x-ndjson",
}


def chunks(report: Report, rows: AsyncIterator[Row], wanted: Format) -> AsyncIterator[bytes]:
    """CSV and JSON come as the rows are read; a spreadsheet when the last one was."""
    match wanted:
        case Format.CSV:
            return csv.chunks(report, rows)
        case Format.XLSX:
            return xlsx.chunks(report, rows)
        case Format.JSON:
            return json_lines.chunks(report, rows)


async def written(
    *, principal: Principal, report: Report, values: Values, wanted: Format
) -> AsyncGenerator[bytes, None]:
    """The whole file of a report, in chunks; refuses as `running.allowed` does.

    Holds a transaction until it is read to its end or closed, in the task that began it.
    """
    async with running.reading(principal=principal, report=report, values=values) as rows:
        async for chunk in chunks(report, rows, wanted):
            yield chunk
