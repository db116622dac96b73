"""`souk report`"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

Name = Annotated[str | None, typer.Argument(help="Which one; --list says what there is.")]
ListAll = Annotated[
    bool, typer.Option("--list", help="Say what there is and what each can be asked for.")
]
Docs = Annotated[
    bool, typer.Option("--docs", help="Write docs/reports.md from the code.", hidden=True)
]
FirstDay = Annotated[str, typer.Option("--from", help="First day, like 2026-03-01.")]
LastDay = Annotated[str, typer.Option("--to", help="Last day, included.")]
Day = Annotated[str, typer.Option(help="One day; today if it is not given.")]
Vendor = Annotated[str, typer.Option(help="A vendor's code.")]
Currency = Annotated[str, typer.Option(help="Like EUR.")]
Batch = Annotated[str, typer.Option(help="A payout batch's number.")]
Account = Annotated[str, typer.Option(help="An account of the chart, like 2120.")]
Number = Annotated[int | None, typer.Option(min=1, help="A statement's number.")]
FileFormat = Annotated[
    str, typer.Option("--format", help="csv, xlsx, json (one object a line) or table.")
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="The file; else standard output.")
]
Database = Annotated[
    str | None,
    typer.Option(help="A database of the embedded server, such as souk_replay."),
]


def report(
    name: Name = None,
    list_all: ListAll = False,
    docs: Docs = False,
    from_day: FirstDay = "",
    to_day: LastDay = "",
    day: Day = "",
    vendor: Vendor = "",
    currency: Currency = "",
    batch: Batch = "",
    account: Account = "",
    number: Number = None,
    file_format: FileFormat = "",
    output: Output = None,
    database: Database = None,
) -> None:
    """Write a report, the ledger as a journal, or a vendor's statement.

    Reads one moment of the database and changes nothing. Days are UTC. Without --format it is
    what the file's ending says, and a table on the terminal.

    **Examples**

    * `souk report --list`
    * `souk report trial-balance --to 2026-03-31`
    * `souk report settlement --vendor kiln -o settlement.xlsx`
    * `souk report journal-hledger -o books.journal`, then `hledger -f books.journal check --strict`
    * `souk report statement --vendor kiln --number 3 -o statement.pdf`
    """
    given = {
        "from": from_day, "to": to_day, "day": day, "vendor": vendor, "currency": currency,
        "batch": batch, "account": account,
    }  # fmt: skip
    if docs or list_all or name is None:
        _tell_what_there_is(in_docs=docs)
    else:
        _write(name, given, number, file_format, output, database)


def _tell_what_there_is(*, in_docs: bool) -> None:
    from rich.console import Console

    from marketplace_runtime import exporting, listing

    if in_docs:
        listing.write()
    else:
        exporting.list_offered(Console())


def _write(
    name: str,
    given: Mapping[str, str],
    number: int | None,
    file_format: str,
    output: Path | None,
    database: str | None,
) -> None:
    import asyncio
    import sys

    from rich.console import Console

    from marketplace_runtime import exporting
    from marketplace_runtime.borrowing import settings_of_a_command
    from marketplace_runtime.supervising.planning import DATABASE

    wanted = exporting.Wanted(
        name=name,
        given=given,
        format=exporting.format_of(file_format, output),
        output=output,
        number=number,
    )
    with settings_of_a_command(database=database or DATABASE) as settings:
        asyncio.run(
            exporting.export(
                settings.database_url, wanted, screen=Console(), binary=sys.stdout.buffer
            )
        )
