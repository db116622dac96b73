"""Reports as files: what was written is read again by programs that share no code with us."""

import csv
import io
import json
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest

from marketplace.kit.principal import SYSTEM
from settlement.reports import running
from settlement.reports.definitions.customers import REFUNDS
from settlement.reports.definitions.settlement import SETTLEMENT
from settlement.reports.files import formats, xlsx
from settlement.reports.files.formats import Format
from settlement.reports.report import (
    CURRENCY,
    Report,
    Row,
    Values,
    count,
    day,
    money,
    percent,
    text,
    time,
)
from tests.settlement.reports.mixed import Mixed

pytestmark = pytest.mark.anyio

EVERYTHING = Report(
    name="everything",
    title="Everything",
    description="",
    parameters=(),
    columns=(
        text("who", "Who"),
        day("on", "On"),
        time("at", "At"),
        count("times", "Times"),
        percent("rate", "Rate"),
        CURRENCY,
        money("amount", "Amount"),
    ),
    query="",
)
AT = datetime(2026, 3, 2, 12, 30, 15, tzinfo=UTC)
ROWS: list[Row] = [
    ("=1+1", date(2026, 3, 2), AT, 3, 150_000, "EUR", -12_34),
    ('said "hello",\r\nthen left', date(2026, 3, 3), AT, 0, 23_720, "JPY", 5_234),
    ("Étoile 東京", None, None, None, None, "KWD", 9_731),
    ("https://example.com/=", date(2026, 3, 4), AT, 1, 0, "EUR", None),
    ("=cmd|' /C calc'!A0", date(2026, 3, 4), AT, 1, 0, "EUR", 10**17 + 1),
]


async def given(rows: Sequence[Row]) -> AsyncIterator[Row]:
    for row in rows:
        yield row


async def written(wanted: Format) -> bytes:
    return b"".join([part async for part in formats.chunks(EVERYTHING, given(ROWS), wanted)])


async def test_csv_is_read_again_with_decimals_beside_minor_units() -> None:
    file = await written(Format.CSV)

    head, *rows = csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""))
    assert head == ["who", "on", "at", "times", "rate", "currency", "amount", "amount_minor"]
    assert rows[0] == [
        "'=1+1", "2026-03-02", "2026-03-02T12:30:15Z", "3", "15.0000", "EUR", "-12.34", "-1234",
    ]  # fmt: skip
    assert rows[1][0] == 'said "hello",\r\nthen left'
    assert rows[1][-2:] == ["5234", "5234"]
    assert rows[2] == ["Étoile 東京", "", "", "", "", "KWD", "9.731", "9731"]
    assert rows[3][-2:] == ["", ""]
    assert rows[4][0] == "'=cmd|' /C calc'!A0"
    assert file.count(b"\r\n") == len(ROWS) + 2  # one of them inside a cell


async def test_a_spreadsheet_has_numbers_and_days_and_never_a_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(await written(Format.XLSX)))

    sheet = book.worksheets[0]
    head, *rows = sheet.iter_rows()
    assert [cell.value for cell in head] == [
        "Who", "On", "At (UTC)", "Times", "Rate", "Currency", "Amount",
    ]  # fmt: skip
    assert [cell.value for cell in rows[0]] == [
        "=1+1", datetime(2026, 3, 2), datetime(2026, 3, 2, 12, 30, 15), 3, 15, "EUR", -12.34,  # noqa: DTZ001 - a spreadsheet's times have no zone
    ]  # fmt: skip
    assert [row[6].number_format for row in rows[:3]] == ["#,##0.00", "#,##0", "#,##0.000"]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "d"}
    assert rows[4][6].value == "1000000000000000.01"  # exact, though a number could not be
    assert all(cell.hyperlink is None for row in rows for cell in row)
    assert sheet.freeze_panes == "A2"


async def test_a_sheet_that_is_full_goes_on_in_the_next() -> None:
    parts = [part async for part in xlsx.chunks(EVERYTHING, given(ROWS), sheet_rows=3)]

    book = openpyxl.load_workbook(io.BytesIO(b"".join(parts)))
    assert [sheet.max_row for sheet in book.worksheets] == [3, 3, 2]
    assert [sheet["A1"].value for sheet in book.worksheets] == ["Who"] * 3


async def test_json_has_one_exact_object_a_line() -> None:
    first, *_, last = (json.loads(line) for line in (await written(Format.JSON)).splitlines())

    assert first == {
        "who": "=1+1", "on": "2026-03-02", "at": "2026-03-02T12:30:15Z", "times": 3,
        "rate": "15.0000", "currency": "EUR", "amount": "-12.34", "amount_minor": -1234,
    }  # fmt: skip
    assert Decimal(last["amount"]) == Decimal("1000000000000000.01")


async def test_the_files_of_a_report_say_the_same(books: Mixed) -> None:
    files = {}
    for wanted in Format:
        async with running.reading(principal=SYSTEM, report=SETTLEMENT, values=Values()) as rows:
            parts = [part async for part in formats.chunks(SETTLEMENT, rows, wanted)]
        files[wanted] = b"".join(parts)

    from_csv = [
        Decimal(row["closing"])
        for row in csv.DictReader(io.StringIO(files[Format.CSV].decode("utf-8-sig")))
    ]
    from_json = [Decimal(json.loads(line)["closing"]) for line in files[Format.JSON].splitlines()]
    sheet = openpyxl.load_workbook(io.BytesIO(files[Format.XLSX])).worksheets[0]
    at = [column.name for column in SETTLEMENT.columns].index("closing")
    from_xlsx = [row[at] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert len(from_csv) == 12
    assert from_csv == from_json
    assert [float(amount) for amount in from_csv] == from_xlsx


async def test_what_people_typed_is_defused_in_a_real_report(books: Mixed) -> None:
    async with running.reading(principal=SYSTEM, report=REFUNDS, values=Values()) as rows:
        parts = [part async for part in formats.chunks(REFUNDS, rows, Format.CSV)]

    [row, *_] = csv.DictReader(io.StringIO(b"".join(parts).decode("utf-8-sig")))
    assert row["reason"] == "'=cmd|' /C calc'!A0"


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("wanted", [Format.CSV, Format.XLSX])
async def test_many_rows_need_little_memory(wanted: Format) -> None:
    many = Report(
        name="many", title="", description="", parameters=(), columns=(text("who", "Who"),),
        query="SELECT repeat('x', 200) || n AS who FROM generate_series(1, 40000) n",
    )  # fmt: skip

    tracemalloc.start()
    async with running.reading(principal=SYSTEM, report=many, values=Values()) as rows:
        size = sum([len(part) async for part in formats.chunks(many, rows, wanted)])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size > 200_000
    assert peak < 4_000_000  # the rows alone are twice as much
