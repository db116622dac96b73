"""`souk partitions`"""

from typing import Annotated

import typer


def partitions(
    database: Annotated[
        str | None, typer.Option(help="A database of the embedded server, such as souk_replay.")
    ] = None,
) -> None:
    """List the months that events and history are kept in: rows, what is not done yet, size.

    Months are made three ahead by the worker; nothing should lie outside of them (`souk check`).
    A month stays as long as the orders that began in it, since their stories are read from it: see
    docs/decisions/0021-partitions.md. Counts rows, so it takes its time on large tables.

    **Examples**

    * `souk partitions`
    * `souk partitions --database souk_replay`
    """
    import asyncio

    from rich.console import Console
    from rich.table import Table

    from marketplace.outbox import months
    from marketplace.outbox.months import Month
    from marketplace_runtime.borrowing import settings_of_a_command
    from marketplace_runtime.orm import connected
    from marketplace_runtime.supervising.planning import DATABASE

    async def kept(url: str) -> list[Month]:
        async with connected(url, pool_size=1):
            return await months.kept()

    with settings_of_a_command(database=database or DATABASE) as settings:
        found = asyncio.run(kept(settings.database_url))
    table = Table("month", box=None, pad_edge=False)
    for name in ("events", "not done", "changes", "MB"):
        table.add_column(name, justify="right")
    for month in found:
        table.add_row(
            f"{month.begins:%Y-%m}", f"{month.events:,}", f"{month.undone:,}",
            f"{month.changes:,}", f"{month.bytes / 1e6:,.1f}",
        )  # fmt: skip
    Console().print(table)
