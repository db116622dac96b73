"""`souk reconcile`"""

from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

Pull = Annotated[bool, typer.Option("--pull/--no-pull", help="Read the provider's books first.")]
BankFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Import this: CAMT.053, MT940 or CSV.")
]
Account = Annotated[
    str | None, typer.Option(metavar="CODE", help="The bank account that the file is about.")
]
CsvMap = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="How its CSV is read, JSON; kept with the account."),
]
Until = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], metavar="DAY", help="The last day, UTC; today."),
]
Rerun = Annotated[
    UUID | None,
    typer.Option(metavar="RUN", help="Only do a kept run again and compare what comes out."),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON object instead of lines, for programs.")
]
Database = Annotated[
    str | None,
    typer.Option(help="A database of the embedded server, such as souk_replay."),
]


def reconcile(
    pull: Pull = True,
    bank_file: BankFile = None,
    account: Account = None,
    csv_map: CsvMap = None,
    until: Until = None,
    rerun: Rerun = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Compare our books with the payment provider's and the bank's, and name what differs.

    What is certain is booked at once; the rest waits in the back office. May run at any time and
    beside itself. Ends with 1 when a break of high severity is open, or a kept run comes out
    otherwise than it did.

    **Examples**

    * `souk reconcile`
    * `souk reconcile --bank-file statement.xml --account main`
    * `souk reconcile --no-pull --until 2026-03-31 --json`
    * `souk reconcile --rerun 01930b1c-5f00-7000-8000-0a1b2c3d4e5f`
    """
    import asyncio

    from rich.console import Console

    from marketplace_runtime import reconciling
    from marketplace_runtime.borrowing import settings_of_a_command
    from marketplace_runtime.supervising.planning import DATABASE

    screen = Console(stderr=True)
    asked = reconciling.Asked(
        pulls=pull,
        bank_file=bank_file,
        account=account,
        csv_map=csv_map,
        until=None if until is None else until.date(),
    )
    with settings_of_a_command(database=database or DATABASE) as settings:
        if rerun is not None:
            is_same = asyncio.run(reconciling.rerun(settings, rerun))
            typer.echo("The same came out." if is_same else "Something else came out.")
            raise typer.Exit(0 if is_same else 1)
        outcome = asyncio.run(reconciling.reconcile(settings, asked, screen.print))
    if as_json:
        typer.echo(outcome.as_json())
    else:
        reconciling.show(outcome, Console())
    raise typer.Exit(1 if outcome.is_urgent else 0)
