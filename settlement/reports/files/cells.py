"""Values as programs and spreadsheets read them: decimals beside the minor units they come from."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from marketplace.kit.csv_lines import Cell
from marketplace.kit.money import Money
from settlement.reports.report import ColumnKind, Report, Row, Value


def header(report: Report) -> list[str]:
    """A column's name; behind each amount the same in minor units."""
    names = []
    for column in report.columns:
        names.append(column.name)
        if column.kind is ColumnKind.MONEY:
            names.append(f"{column.name}_minor")
    return names


def cells(report: Report, row: Row) -> list[Cell]:
    """As many as the header; an amount that is not known leaves both of its cells empty."""
    found: list[Cell] = []
    for column, value in zip(report.columns, row, strict=True):
        if column.kind is ColumnKind.MONEY:
            found += [amount(report, row, value), minor(value)]
        elif column.kind is ColumnKind.PERCENT:
            found.append(None if value is None else percentage(value))
        else:
            found.append(plain(value))
    return found


def seen(report: Report, row: Row) -> list[Cell]:
    """One for each column, for people: amounts without their minor units."""
    return [cell for name, cell in named(report, row) if not name.endswith("_minor")]


def amount(report: Report, row: Row, value: Value) -> Decimal | None:
    """Minor units as a decimal with as many digits as the row's currency has."""
    index = report.currency_index
    assert index is not None
    number, currency = minor(value), row[index]
    return None if number is None else Money(number, str(currency)).amount


def minor(value: Value) -> int | None:
    assert value is None or isinstance(value, int), value
    return value


def percentage(value: Value) -> Decimal:
    """Millionths as a percentage."""
    assert isinstance(value, int)
    return Decimal(value).scaleb(-4)


def plain(value: Value) -> Cell:
    """Times in UTC, ISO 8601; days and ids as they are written."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if value is None or isinstance(value, str | int | Decimal):
        return value
    return str(value)


def named(report: Report, row: Row) -> Iterator[tuple[str, Cell]]:
    return zip(header(report), cells(report, row), strict=True)
