"""`souk check`"""

from typing import Annotated

import typer


def check(
    database: Annotated[
        str, typer.Option(help="Another database of the embedded server, such as souk_replay.")
    ] = "souk",
) -> None:
    """Look whether every invariant holds: sums, stock, payments, ledger, histories, promises.

    Reads one moment of the database and changes nothing; it may run beside everything else.
    Prints a line for each check and each violation; ends with 1 when something is violated.

    **Examples**

    * `souk check`
    * `souk check --database souk_replay` after a replay
    """
    import asyncio

    from marketplace_runtime.borrowing import settings_of_a_command

    with settings_of_a_command(database=database) as settings:
        violated = asyncio.run(_print(settings.database_url))
    if violated:
        raise typer.Exit(1)


async def _print(database_url: str) -> int:
    from rich.console import Console

    from marketplace_runtime import checking

    console = Console()
    checked = violated = 0
    async for check, found in checking.results(database_url):
        checked += 1
        violated += bool(found)
        mark = "[bold red]✗[/]" if found else "[green]✓[/]"
        console.print(f"{mark} [bold]{check.name}[/]  {check.sentence}")
        for violation in found:
            console.print(f"    {violation.subject}: {violation.detail}", markup=False)
    late = await checking.waiting(database_url)
    if late:
        console.print(f"{late} events are on their way to the ledger.")
    console.print(f"{checked} checked, {violated} violated")
    return violated
