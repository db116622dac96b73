"""Spreadsheets: numbers and days are numbers and days, written row by row to a file on disk."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from types import TracebackType

import xlsxwriter

from marketplace.kit.money import EXPONENTS
from settlement.reports.files.batches import batches
from settlement.reports.files.cells import amount, percentage, plain
from settlement.reports.report import Column, ColumnKind, Report, Row, Value

CHUNK_BYTES = 64 * 1024
SHEET_ROWS = 1_048_576  # a sheet holds no more; what is left goes to the next one
EXACT_DIGITS = 15  # a spreadsheet's numbers keep so many; a longer amount is written as text
_WIDTHS = {
    ColumnKind.TEXT: 18,
    ColumnKind.DAY: 12,
    ColumnKind.TIME: 20,
    ColumnKind.MONEY: 15,
    ColumnKind.COUNT: 10,
    ColumnKind.PERCENT: 12,
}


async def chunks(
    report: Report, rows: AsyncIterator[Row], *, sheet_rows: int = SHEET_ROWS
) -> AsyncIterator[bytes]:
    """The whole file once the last row was read; the disk holds it, not the memory."""
    with tempfile.TemporaryDirectory(prefix="souk-report-") as folder:
        path = os.path.join(folder, "report.xlsx")
        with _Workbook(path, report, sheet_rows) as workbook:
            async for batch in batches(rows):
                await asyncio.to_thread(workbook.add, batch)
            await asyncio.to_thread(workbook.close)
        with open(path, "rb") as file:  # noqa: ASYNC230 - a local file of known size
            while chunk := file.read(CHUNK_BYTES):
                yield chunk


class _Workbook:
    """One sheet with a frozen header after another; rows can only be added."""

    def __init__(self, path: str, report: Report, sheet_rows: int) -> None:
        self._report, self._sheet_rows = report, sheet_rows
        self._book = xlsxwriter.Workbook(path, {"constant_memory": True})
        self._is_open = True
        self._heading = self._book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._percent = self._book.add_format({"num_format": "0.00##"})
        self._money = {
            exponent: self._book.add_format(
                {"num_format": f"#,##0.{'0' * exponent}" if exponent else "#,##0"}
            )
            for exponent in sorted(set(EXPONENTS.values()))
        }
        self._begin_sheet()

    def __enter__(self) -> "_Workbook":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Broken off before the end: what was written goes with its folder.
        if self._is_open:
            self.close()

    def add(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if self._next == self._sheet_rows:
                self._begin_sheet()
            for index, (column, value) in enumerate(zip(self._report.columns, row, strict=True)):
                self._write(index, column, value, row)
            self._next += 1

    def close(self) -> None:
        self._is_open = False
        self._book.close()

    def _begin_sheet(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        for index, column in enumerate(self._report.columns):
            self._sheet.set_column(index, index, _WIDTHS[column.kind])
        for index, column in enumerate(self._report.columns):
            title = f"{column.title} (UTC)" if column.kind is ColumnKind.TIME else column.title
            self._sheet.write_string(0, index, title, self._heading)
        self._next = 1

    def _write(self, index: int, column: Column, value: Value, row: Row) -> None:
        if value is None:
            return
        match column.kind:
            case ColumnKind.MONEY:
                self._write_money(index, amount(self._report, row, value))
            case ColumnKind.PERCENT:
                self._sheet.write_number(self._next, index, float(percentage(value)), self._percent)
            case ColumnKind.DAY if isinstance(value, date):
                self._sheet.write_datetime(self._next, index, value, self._day)
            case ColumnKind.TIME if isinstance(value, datetime):
                naive = value.astimezone(UTC).replace(tzinfo=None)
                self._sheet.write_datetime(self._next, index, naive, self._time)
            case ColumnKind.COUNT if isinstance(value, int):
                self._sheet.write_number(self._next, index, value)
            case _:
                # Never as a formula, and never as a link, whatever it looks like.
                self._sheet.write_string(self._next, index, str(plain(value)))

    def _write_money(self, index: int, value: Decimal | None) -> None:
        assert value is not None
        exponent = -int(value.as_tuple().exponent)
        if len(value.as_tuple().digits) > EXACT_DIGITS:
            self._sheet.write_string(self._next, index, str(value))
        else:
            self._sheet.write_number(self._next, index, float(value), self._money[exponent])
