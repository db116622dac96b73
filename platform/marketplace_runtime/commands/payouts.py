"""`souk payouts`"""

from typing import Annotated

import typer

app = typer.Typer(
    name="payouts",
    help="Pay vendors: draft a day's batch, approve it, send it, and look at what became of it.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
Database = Annotated[
    str | None, typer.Option(help="A database of the embedded server, such as souk_replay.")
]


@app.command("run")
def run(
    day: Annotated[
        str, typer.Option(help="Whose batch, like 2026-03-31; today if it is not given.")
    ] = "",
    approve: Annotated[
        str,
        typer.Option(
            metavar="EMAIL", help="Approve it in the name of this member of staff, an approver."
        ),
    ] = "",
    database: Database = None,
) -> None:
    """Draft the day's batch, approve it, and pay it as far as it goes.

    A batch that is there already is gone on with: running it again, or beside the worker, pays
    nobody twice. Small batches need no approval; what still needs one is left as a draft.

    **Examples**

    * `souk payouts run`
    * `souk payouts run --day 2026-03-31 --approve pia@souk.example`
    """
    import asyncio
    from datetime import date

    from rich.console import Console

    from marketplace_runtime import paying_out
    from marketplace_runtime.borrowing import settings_of_a_command
    from marketplace_runtime.errors import RuntimeRefusal
    from marketplace_runtime.supervising.planning import DATABASE

    try:
        asked = date.fromisoformat(day) if day else None
    except ValueError:
        raise RuntimeRefusal(f"{day!r} is no day; accepted is one like 2026-03-31.") from None
    with settings_of_a_command(database=database or DATABASE) as settings:
        asyncio.run(paying_out.run(settings, day=asked, approver=approve or None, screen=Console()))


@app.command("platform")
def platform(database: Database = None) -> None:
    """Pay what is the marketplace's own at the provider to its bank.

    What is owed to vendors and customers stays; so does what is not available yet.

    **Examples**

    * `souk payouts platform`
    """
    import asyncio

    from rich.console import Console

    from marketplace_runtime import paying_out
    from marketplace_runtime.borrowing import settings_of_a_command
    from marketplace_runtime.supervising.planning import DATABASE

    with settings_of_a_command(database=database or DATABASE) as settings:
        asyncio.run(paying_out.draw_own(settings, screen=Console()))


@app.command("list")
def list_batches(database: Database = None) -> None:
    """The newest batches: their day, state and totals.

    **Examples**

    * `souk payouts list`
    """
    import asyncio

    from rich.console import Console

    from marketplace_runtime import paying_out
    from marketplace_runtime.borrowing import settings_of_a_command
    from marketplace_runtime.supervising.planning import DATABASE

    with settings_of_a_command(database=database or DATABASE) as settings:
        asyncio.run(paying_out.show_batches(settings.database_url, screen=Console()))


@app.command("show")
def show(
    number: Annotated[int, typer.Argument(min=1, help="A batch's number, as the list has it.")],
    database: Database = None,
) -> None:
    """One batch: each payout and where it is, and who was skipped and why.

    **Examples**

    * `souk payouts show 3`
    """
    import asyncio

    from rich.console import Console

    from marketplace_runtime import paying_out
    from marketplace_runtime.borrowing import settings_of_a_command
    from marketplace_runtime.supervising.planning import DATABASE

    with settings_of_a_command(database=database or DATABASE) as settings:
        asyncio.run(paying_out.show_batch(settings.database_url, number, screen=Console()))
