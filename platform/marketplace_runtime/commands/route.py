"""`souk route`"""

from typing import Annotated

import typer

app = typer.Typer(
    name="route",
    help="Why a sub-order is served from where it is, and what other rules would do.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
Database = Annotated[
    str | None, typer.Option(help="A database of the embedded server, such as souk_replay.")
]
Version = Annotated[int, typer.Option(help="A version of the rules; the newest if not given.")]
Channel = Annotated[str, typer.Option(help="The channel's code.")]


@app.command("explain")
def explain(
    number: Annotated[
        str | None, typer.Argument(help="A sub-order's number, such as M-100234-A.")
    ] = None,
    drawn: Annotated[int, typer.Option(min=0, max=100, help="So many drawn by lot instead.")] = 0,
    seed: Annotated[str, typer.Option(help="The lot: the same draws the same.")] = "1",
    database: Database = None,
) -> None:
    """The rules that decided, every candidate, and why each one lost.

    **Examples**

    * `souk route explain M-100234-A`
    * `souk route explain --drawn 10 --seed 7 --database souk_replay`
    """
    import asyncio

    from rich.console import Console

    from marketplace_runtime import routing_told
    from marketplace_runtime.borrowing import settings_of_a_command
    from marketplace_runtime.errors import RuntimeRefusal
    from marketplace_runtime.supervising.planning import DATABASE

    if (number is None) == (drawn == 0):
        raise RuntimeRefusal("say which: a sub-order's number, or --drawn 10")
    with settings_of_a_command(database=database or DATABASE) as settings:
        told = (
            routing_told.explain(settings.database_url, number, screen=Console())
            if number is not None
            else routing_told.explain_drawn(
                settings.database_url, wanted=drawn, seed=seed, screen=Console()
            )
        )
        asyncio.run(told)


@app.command("simulate")
def simulate(
    channel: Channel,
    version: Version = 0,
    orders: Annotated[int, typer.Option(min=1, help="How many of the last decisions.")] = 1000,
    database: Database = None,
) -> None:
    """Try a version of the rules on the last decisions: how many would be others, and which.

    **Examples**

    * `souk route simulate --channel eu --version 3`
    """
    import asyncio

    from rich.console import Console

    from marketplace_runtime import routing_told
    from marketplace_runtime.borrowing import settings_of_a_command
    from marketplace_runtime.supervising.planning import DATABASE

    with settings_of_a_command(database=database or DATABASE) as settings:
        asyncio.run(
            routing_told.simulate(
                settings.database_url, channel=channel, version=version or None, wanted=orders,
                screen=Console(),
            )
        )  # fmt: skip


@app.command("shadow")
def shadow(channel: Channel, version: Version = 0, database: Database = None) -> None:
    """How often a version that decides beside the active one agrees with it.

    **Examples**

    * `souk route shadow --channel eu`
    """
    import asyncio

    from rich.console import Console

    from marketplace_runtime import routing_told
    from marketplace_runtime.borrowing import settings_of_a_command
    from marketplace_runtime.supervising.planning import DATABASE

    with settings_of_a_command(database=database or DATABASE) as settings:
        asyncio.run(
            routing_told.shadow(
                settings.database_url, channel=channel, version=version or None, screen=Console()
            )
        )
