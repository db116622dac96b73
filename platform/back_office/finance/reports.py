"""All reports, and one of them: its first rows as a page, the whole as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from back_office.face import office_page
from back_office.finance.asked import one_of
from back_office.finance.home import FINANCE
from marketplace.kit.errors import NotFound
from marketplace.kit.money import EXPONENTS, Money
from marketplace_web.downloads import Download
from marketplace_web.sessions import principal_of
from settlement import access, chart
from settlement.reports import asking, registry, running
from settlement.reports.files import formats
from settlement.reports.files.formats import Format
from settlement.reports.report import Column, ColumnKind, Parameter, Report, Row, Value, Values

REPORTS = f"{FINANCE}/reports"
SHOWN = 100  # rows on a page; the file has them all
WORDS = {
    Parameter.FROM: "From", Parameter.TO: "To", Parameter.DAY: "Day",
    Parameter.VENDOR: "Vendor's code", Parameter.CURRENCY: "Currency",
    Parameter.BATCH: "Batch number", Parameter.ACCOUNT: "Account",
}  # fmt: skip
FORMATS = ((Format.CSV, "CSV"), (Format.XLSX, "Spreadsheet"), (Format.JSON, "JSON lines"))


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with its column; an amount as money."""

    column: Column
    value: Value | Money


async def index(request: Request) -> Response:
    access.check_viewer(principal_of(request), "see reports")
    return await office_page(request, "back_office/finance/reports.html", reports=registry.REPORTS)


async def show(request: Request) -> Response:
    report = registry.report_named(request.path_params["name"])
    values = await _values(request, report)
    rows: list[Row] = []
    async with running.reading(
        principal=principal_of(request), report=report, values=values
    ) as found:
        async for row in found:
            rows.append(row)
            if len(rows) > SHOWN:
                break
    given = _given(request, report)
    return await office_page(
        request,
        "back_office/finance/report.html",
        report=report,
        rows=[_cells(report, row) for row in rows[:SHOWN]],
        has_more=len(rows) > SHOWN,
        shown_rows=SHOWN,
        is_filtered=bool(given),
        words=WORDS,
        kinds=ColumnKind,
        currencies=[(code, code) for code in EXPONENTS],
        accounts=[(code, f"{code} {name}") for code, name in chart.NAMES.items()],
        files=[
            (words, f"{REPORTS}/{report.name}/{wanted.value}?{urlencode(given)}".rstrip("?"))
            for wanted, words in FORMATS
        ],
    )


async def download(request: Request) -> Response:
    """The whole report, whatever its size, as it is read."""
    report = registry.report_named(request.path_params["name"])
    wanted = request.path_params["format"]
    if wanted not in set(Format):
        raise NotFound("file")
    principal, values = principal_of(request), await _values(request, report)
    running.allowed(principal=principal, report=report, values=values)
    file = Format(wanted)
    return Download(
        f"{report.name}-{request.state.now:%Y-%m-%d}.{file}",
        file.media_type,
        formats.written(principal=principal, report=report, values=values, wanted=file),
    )


async def _values(request: Request, report: Report) -> Values:
    given = _given(request, report)
    one_of("currency", given.get("currency", ""), EXPONENTS)
    one_of("account", given.get("account", ""), chart.NAMES)
    access.check_viewer(principal_of(request), "see reports")
    return await asking.values_of(
        principal=principal_of(request),
        parameters=report.parameters,
        given=given,
        today=request.state.now.date(),
    )


def _given(request: Request, report: Report) -> dict[str, str]:
    """What the address asks for; parameters of other reports are not carried along."""
    asked = request.query_params
    return {name.value: asked[name] for name in report.parameters if asked.get(name, "").strip()}


def _cells(report: Report, row: Row) -> Sequence[Cell]:
    index = report.currency_index
    currency = None if index is None else row[index]
    return [
        Cell(column, _shown(column, value, currency))
        for column, value in zip(report.columns, row, strict=True)
    ]


def _shown(column: Column, value: Value, currency: Value) -> Value | Money:
    if column.kind is ColumnKind.MONEY and isinstance(value, int) and isinstance(currency, str):
        return Money(value, currency)
    return value
