"""`souk bench`"""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="bench",
    help="Measure what this machine does with Souk's work, beside the floor of its PostgreSQL.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
HomeDirectory = Annotated[
    Path | None,
    typer.Option(help="Use this home's server; one for the moment if it is not given."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")]


@app.callback()
def bench() -> None:
    """Measure what this machine does with Souk's work, beside the floor of its PostgreSQL."""


@app.command("settlement")
def settlement(
    vendors: Annotated[
        list[int] | None,
        typer.Option(min=1, help="A payout cycle of so many; may be given again. [default: 1560]"),
    ] = None,
    pay: Annotated[
        int, typer.Option(min=1, help="Of each cycle, so many vendors at most are paid.")
    ] = 1560,
    no_pay: Annotated[
        bool, typer.Option("--no-pay", help="Draft and approve; pay and reconcile nobody.")
    ] = False,
    postings: Annotated[int, typer.Option(min=100, help="Postings of each kind.")] = 2000,
    home: HomeDirectory = None,
    as_json: AsJson = False,
) -> None:
    """Postings a second beside pgbench's, and whole payout cycles, each phase by itself.

    Works in a database of its own, `souk_bench`, with fsync as in production, and drops it.
    Vendors, sales and their earnings are made first and not measured; payouts are made at the
    Stripe sandbox, a process of its own, over HTTP. Statements are counted as the driver sends
    them, memory is the command's own at its largest so far. The floor is the same rows written by
    one server-side function in the same PostgreSQL. Other work on the machine is in the figures:
    the load average is printed beside them.

    **Examples**

    * `souk bench settlement`
    * `souk bench settlement --vendors 1560 --vendors 10000`
    * `souk bench settlement --vendors 10000 --no-pay --json > figures.json`
    """
    from rich.console import Console

    from marketplace_runtime.benching import telling
    from marketplace_runtime.benching.settlement import Asked, run

    asked = Asked(
        vendors=vendors or [1560], sample=0 if no_pay else pay, postings=postings, home=home
    )
    with telling.progress(Console(stderr=True)) as say:
        figures = run(asked, say)
    if as_json:
        typer.echo(telling.as_json(figures))
    else:
        telling.show(figures, Console())


@app.command("order")
def order(
    clients: Annotated[
        list[int] | None,
        typer.Option(min=1, help="So many at once; may be given again. [default: 1, 8, 32]"),
    ] = None,
    seconds: Annotated[int, typer.Option(min=1, help="Each load lasts so long.")] = 10,
    web: Annotated[int, typer.Option(min=1, help="Web processes behind the port.")] = 2,
    home: HomeDirectory = None,
    as_json: AsJson = False,
) -> None:
    """Orders a second over HTTP, beside the same rows written by one function in PostgreSQL.

    `placeOrder` alone on carts of five lines from three vendors that are ready; then everything
    from an empty cart to the captured payment, the Stripe sandbox's CPU by itself; then one
    product that everybody wants. Works in a database of its own, `souk_bench`, with fsync as in
    production, and drops it. The clients run on the same machine and in its CPU.

    **Examples**

    * `souk bench order`
    * `souk bench order --clients 32 --seconds 30 --json > figures.json`
    """
    from rich.console import Console

    from marketplace_runtime.benching import telling as shown
    from marketplace_runtime.benching.ordering import telling
    from marketplace_runtime.benching.ordering.bench import Asked, run

    asked = Asked(clients=clients or [1, 8, 32], seconds=seconds, web=web, home=home)
    with shown.progress(Console(stderr=True)) as say:
        figures = run(asked, say)
    if as_json:
        typer.echo(telling.as_json(figures))
    else:
        telling.show(figures, Console())


@app.command("scale")
def scale(
    orders: Annotated[
        list[int] | None,
        typer.Option(min=100, help="A size; may be given again. [default: 1000, 100000]"),
    ] = None,
    home: HomeDirectory = None,
    as_json: AsJson = False,
) -> None:
    """How much longer each call takes when there are many more orders.

    Some orders in every stage are made by the operations, then written again under other names
    and times, in sets, until there are so many; the smallest size is measured first. Works in a
    database of its own, `souk_bench`, and drops it.

    **Examples**

    * `souk bench scale`
    * `souk bench scale --orders 1000 --orders 20000 --json > figures.json`
    """
    from rich.console import Console

    from marketplace_runtime.benching import telling as shown
    from marketplace_runtime.benching.scale import telling
    from marketplace_runtime.benching.scale.bench import Asked, run

    asked = Asked(orders=orders or [1000, 100_000], home=home)
    with shown.progress(Console(stderr=True)) as say:
        figures = run(asked, say)
    if as_json:
        typer.echo(telling.as_json(figures))
    else:
        telling.show(figures, Console())


@app.command("deadlines")
def deadlines(
    many: Annotated[
        int, typer.Option("--deadlines", min=2, help="So many are missed in one minute.")
    ] = 10_000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that work them off.")] = 2,
    kill: Annotated[
        bool, typer.Option("--kill", help="Kill one of the processes after a second.")
    ] = False,
    home: HomeDirectory = None,
    as_json: AsJson = False,
) -> None:
    """Deadlines worked off while orders come in: how long both take, and each action once.

    Each is a deadline to ship that sets off a penalty, an escalation and a mail. The workers tick
    as those of `souk up`; orders are placed one after the other, first with nothing due, then
    meanwhile. Works in a database of its own, `souk_bench`, and drops it.

    **Examples**

    * `souk bench deadlines`
    * `souk bench deadlines --kill --json > figures.json`
    """
    from rich.console import Console

    from marketplace_runtime.benching import telling as shown
    from marketplace_runtime.benching.deadlines import telling
    from marketplace_runtime.benching.deadlines.bench import Asked, run
    from marketplace_runtime.errors import RuntimeRefusal

    if kill and workers < 2:
        raise RuntimeRefusal("--kill needs --workers 2 or more: one goes on")
    asked = Asked(deadlines=many, workers=workers, kills=kill, home=home)
    with shown.progress(Console(stderr=True)) as say:
        figures = run(asked, say)
    if as_json:
        typer.echo(telling.as_json(figures))
    else:
        telling.show(figures, Console())
