"""`souk report`: a report, a journal or a statement into a file, or onto the terminal."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from marketplace.kit import clock
from marketplace.kit.errors import DomainError
from marketplace.kit.principal import SYSTEM
from marketplace_runtime import writing
from marketplace_runtime.advice import refusal_of
from marketplace_runtime.errors import RuntimeRefusal
from marketplace_runtime.orm import connected
from settlement.reports import asking, registry, running
from settlement.reports.files import formats
from settlement.reports.files.cells import seen
from settlement.reports.files.formats import Format
from settlement.reports.journals import beancount, hledger
from settlement.reports.journals import reading as journals
from settlement.reports.report import ColumnKind, Parameter, Report, Row, Values
from settlement.reports.statements import reading as statements
from settlement.reports.statements import typesetting

JOURNALS: Mapping[str, ModuleType] = {"journal-hledger": hledger, "journal-beancount": beancount}
STATEMENT = "statement"
MARKETPLACE = "Souk"
TABLE_ROWS = 1000  # as many as somebody reads at a terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was typed: a name, values as words, and where it goes (None: standard output)."""

    name: str
    given: Mapping[str, str]
    format: Format | None
    output: Path | None
    number: int | None = None


def offered() -> list[tuple[str, str, str]]:
    """Everything that can be asked for: its name, what it can be narrowed by, what it says."""
    period = "from, to"
    return [
        *(
            (report.name, ", ".join(report.parameters), report.description)
            for report in registry.REPORTS
        ),
        ("journal-hledger", period, "The ledger as hledger reads it, with our balances asserted."),
        ("journal-beancount", period, "The same for beancount."),
        (STATEMENT, "vendor, number, currency", "A vendor's statement as PDF."),
    ]


def list_offered(screen: Console) -> None:
    """What there is, as a table."""
    table = Table(show_lines=True)
    for title in ("Name", "Can be asked for", "Says"):
        table.add_column(title, overflow="fold")
    for name, asked, says in offered():
        table.add_row(name, asked, says)
    screen.print(table)


def format_of(word: str, output: Path | None) -> Format | None:
    """What was asked for, else what the file's ending says, else a table (None)."""
    if not word and output is None:
        return None
    said = word or {".xlsx": "xlsx", ".jsonl": "json", ".json": "json"}.get(
        "" if output is None else output.suffix, "csv"
    )
    formats_by_word = {"csv": Format.CSV, "xlsx": Format.XLSX, "json": Format.JSON, "table": None}
    if said not in formats_by_word:
        raise RuntimeRefusal(f"--format {said}: accepted is {', '.join(formats_by_word)}.")
    return formats_by_word[said]


async def export(database_url: str, wanted: Wanted, *, screen: Console, binary: BinaryIO) -> None:
    """Write what is wanted, as it is read. Refuses in one sentence what cannot be asked for."""
    try:
        async with connected(database_url, pool_size=2):
            today = (await clock.now()).date()
            if wanted.name in JOURNALS:
                await _journal(wanted, today, binary)
            elif wanted.name == STATEMENT:
                await _statement(wanted, today, binary)
            else:
                await _report(wanted, today, screen, binary)
    except DomainError as refusal:
        raise refusal_of(refusal) from refusal


async def _report(wanted: Wanted, today: date, screen: Console, binary: BinaryIO) -> None:
    report = registry.report_named(wanted.name)
    values = await asking.values_of(
        principal=SYSTEM, parameters=report.parameters, given=wanted.given, today=today
    )
    if wanted.format is Format.XLSX and wanted.output is None:
        raise RuntimeRefusal("A spreadsheet needs a file: add --output FILE.xlsx.")
    async with running.reading(principal=SYSTEM, report=report, values=values) as rows:
        if wanted.format is None:
            await _show(report, rows, screen)
        else:
            await writing.write(formats.chunks(report, rows, wanted.format), wanted.output, binary)


async def _journal(wanted: Wanted, today: date, binary: BinaryIO) -> None:
    values = await _values(wanted, (Parameter.FROM, Parameter.TO), today)
    async with journals.reading(
        principal=SYSTEM, today=today, from_day=values.from_day, to_day=values.to_day
    ) as journal:
        await writing.write(JOURNALS[wanted.name].chunks(journal), wanted.output, binary)


async def _statement(wanted: Wanted, today: date, binary: BinaryIO) -> None:
    values = await _values(wanted, (Parameter.VENDOR, Parameter.CURRENCY), today)
    if values.vendor_id is None or wanted.number is None:
        raise RuntimeRefusal("A statement is named by --vendor CODE and --number N.")
    if wanted.output is None:
        raise RuntimeRefusal("A statement needs a file: add --output FILE.pdf.")
    found = await statements.statement(
        principal=SYSTEM,
        vendor_id=values.vendor_id,
        number=wanted.number,
        currency=values.currency,
    )
    page = await typesetting.pdf(found, marketplace=MARKETPLACE)
    await writing.write(writing.whole(page), wanted.output, binary)


async def _values(wanted: Wanted, parameters: Sequence[Parameter], today: date) -> Values:
    return await asking.values_of(
        principal=SYSTEM, parameters=parameters, given=wanted.given, today=today
    )


async def _show(report: Report, rows: AsyncIterator[Row], screen: Console) -> None:
    """A table; amounts in whole units, everything as it is stored and nothing as markup."""
    table = Table(title=report.title)
    for column in report.columns:
        is_number = column.kind in (ColumnKind.MONEY, ColumnKind.COUNT, ColumnKind.PERCENT)
        table.add_column(column.title, justify="right" if is_number else "left")
    shown = 0
    async for row in rows:
        if shown == TABLE_ROWS:
            table.caption = f"The first {TABLE_ROWS} rows; --format csv has them all."
            break
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in seen(report, row)))
        shown += 1
    screen.print(table)
