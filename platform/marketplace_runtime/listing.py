"""docs/reports.md, written from the registry that the reports are run from."""

from pathlib import Path

from settlement.reports import registry
from settlement.reports.report import ColumnKind, Report

PAGE = Path("docs/reports.md")

_HEAD = """# Reports

Written by `souk report --docs` from the code; a test compares. `souk report NAME` prints one as a
table, `--format csv|xlsx|json` or `-o FILE` writes it. All days are UTC. In CSV and JSON an amount
is a decimal, and the same in minor units stands beside it in a column that ends in `_minor`. A text
that a spreadsheet would run is written behind an apostrophe.

Finance roles read every report. A vendor's owner and finance people read those marked "vendors
too", and of these only their own rows: by the query, and again by row-level security.

`souk report statement --vendor CODE --number N -o FILE.pdf` typesets a statement.
`souk report journal-hledger` and `journal-beancount` write the ledger, or with `--from` and `--to`
a period with its opening balances, as files that `hledger check --strict` and `bean-check` audit:
every account is declared, every posting carries its id and source, and our own balances are
asserted at the end. `souk explain` goes the other way, from an amount to what it is made of.
"""


def write(path: Path = PAGE) -> None:
    path.write_text(reports_document())


def reports_document() -> str:
    return "\n".join([_HEAD, *map(_section, registry.REPORTS)])


def _section(report: Report) -> str:
    asked = ", ".join(f"`--{parameter}`" for parameter in report.parameters)
    too = " (vendors too)" if report.is_for_vendors else ""
    columns = ", ".join(
        f"{column.name} ({column.kind})" if column.kind is not ColumnKind.TEXT else column.name
        for column in report.columns
    )
    return (
        f"## {report.title}{too}\n\n`souk report {report.name}`: {report.description}\n\n"
        f"Can be asked for: {asked}.\n\nColumns: {columns}.\n"
    )
