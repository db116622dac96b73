"""`souk explain`"""

from typing import Annotated

import typer


def explain(
    entry: Annotated[int | None, typer.Option(help="An entry of the ledger, by its id.")] = None,
    vendor: Annotated[str | None, typer.Option(help="A vendor's balance, by its code.")] = None,
    account: Annotated[
        str,
        typer.Option(help="Which balance: pending, available, reserve, in-progress or on-hold."),
    ] = "available",
    currency: Annotated[str | None, typer.Option(help="Only this; else each there is.")] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=500, help="So many of a balance's newest entries.")
    ] = 100,
    payout: Annotated[str | None, typer.Option(help="A payout, by its id.")] = None,
    order: Annotated[
        str | None, typer.Option(help="The money of an order or sub-order, by its number.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON list instead of a tree, for programs.")
    ] = False,
    database: Annotated[
        str | None,
        typer.Option(help="A database of the embedded server, such as souk_replay."),
    ] = None,
) -> None:
    """Say why an amount is what it is: from the ledger's entry to order line, charge and payout.

    The parts add up to the amount. Reads one moment and changes nothing.

    **Examples**

    * `souk explain --vendor kiln` every entry behind what the next payout pays
    * `souk explain --entry 1042`
    * `souk explain --order M-100234`
    * `souk explain --payout 01930b1c-5f00-7000-8000-0a1b2c3d4e5f --json`
    """
    import asyncio

    from rich.console import Console

    from marketplace_runtime import explaining
    from marketplace_runtime.borrowing import settings_of_a_command
    from marketplace_runtime.supervising.planning import DATABASE

    asked = explaining.Asked(
        entry=entry,
        vendor=vendor,
        account=account,
        currency=currency,
        limit=limit,
        payout=payout,
        order=order,
    )
    with settings_of_a_command(database=database or DATABASE) as settings:
        found = asyncio.run(explaining.explain(settings.database_url, asked))
    if as_json:
        typer.echo(explaining.as_json(found))
    else:
        explaining.show(found, Console())
