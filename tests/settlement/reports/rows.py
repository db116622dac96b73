"""A report's rows by column."""

from collections.abc import Mapping

from marketplace.kit.principal import SYSTEM, Principal
from settlement.reports import running
from settlement.reports.report import Report, Value, Values


async def rows_of(
    report: Report, *, principal: Principal = SYSTEM, **values: object
) -> list[dict[str, Value]]:
    names = [column.name for column in report.columns]
    asked = Values(**values)  # type: ignore[arg-type]
    async with running.reading(principal=principal, report=report, values=asked) as rows:
        return [dict(zip(names, row, strict=True)) async for row in rows]


def number(row: Mapping[str, Value], name: str) -> int:
    value = row[name]
    assert isinstance(value, int), (name, value)
    return value
