"""Run a report: rows one by one, from one moment of the database, in little memory."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from marketplace.kit.errors import NotFound
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from settlement.reports import access
from settlement.reports.report import Report, Row, Value, Values

ROWS_AT_ONCE = 500  # kept in memory, of however many there are
FIRST_ROW_SECONDS = 600  # a whole year of a large marketplace is sorted before its first row


def allowed(*, principal: Principal, report: Report, values: Values) -> Values:
    """The values that this principal gets the report for: a vendor's are its own.

    What is not for vendors does not exist for them, nor does somebody else's vendor: NotFound.
    Refuses staff without a finance role. For who must know before the first row is read.
    """
    vendor_id = access.whose(principal, asked=values.vendor_id)
    if not access.reads_everything(principal) and not report.is_for_vendors:
        raise NotFound(thing="report")
    return replace(values, vendor_id=vendor_id)


@asynccontextmanager
async def reading(
    *, principal: Principal, report: Report, values: Values
) -> AsyncIterator[AsyncIterator[Row]]:
    """Inside the block its rows can be read, in the order of the report's columns.

    The block is a read-only transaction with one view of the data. Refuses as `allowed` does.
    """
    scoped = allowed(principal=principal, report=report, values=values)
    arguments = [scoped.of(parameter) for parameter in report.parameters]
    async with transaction(principal, isolation="REPEATABLE READ", read_only=True) as connection:
        found = connection.cursor(
            report.query, *arguments, prefetch=ROWS_AT_ONCE, timeout=FIRST_ROW_SECONDS
        )
        yield _rows(found, report)


async def _rows(found: AsyncIterable[Mapping[str, Value]], report: Report) -> AsyncIterator[Row]:
    names = [column.name for column in report.columns]
    is_first = True
    async for row in found:
        if is_first:
            assert list(row.keys()) == names, (report.name, list(row.keys()))
            is_first = False
        yield tuple(row.values())
