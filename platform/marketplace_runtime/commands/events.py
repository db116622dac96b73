"""`souk events`"""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer


def events(
    order: Annotated[str | None, typer.Option(help="Of this order, by its number.")] = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="Tell them once more, to one consumer.")
    ] = False,
    consumer: Annotated[str | None, typer.Option(help="Who is told: ledger, mail …")] = None,
    since: Annotated[
        datetime | None, typer.Option(help="From this moment, UTC: 2026-03-02T12:00:00.")
    ] = None,
    until: Annotated[datetime | None, typer.Option(help="Before this moment, UTC.")] = None,
    seq: Annotated[
        int | None, typer.Option(min=1, help="One event, by its number in the order.")
    ] = None,
    docs: Annotated[
        bool, typer.Option("--docs", help="Write the catalogue into docs/events.md.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="With --docs: only compare; 1 when it is stale.")
    ] = False,
    path: Annotated[Path, typer.Option(help="The page to write.")] = Path("docs/events.md"),
    database: Annotated[
        str | None, typer.Option(help="A database of the embedded server, such as souk_replay.")
    ] = None,
) -> None:
    """Look at an order's events, tell a consumer of past ones again, or write their catalogue.

    Telling again is safe: a consumer does its part of an event once, however often it hears.

    **Examples**

    * `souk events --order M-100234`
    * `souk events --replay --consumer ledger --order M-100234`
    * `souk events --replay --consumer mail --order M-100234 --seq 3`
    * `souk events --replay --consumer mail --since 2026-03-02T12:00:00`
    * `souk events --docs` after a change of events
    """
    import asyncio

    from marketplace_runtime import telling
    from marketplace_runtime.borrowing import settings_of_a_command
    from marketplace_runtime.errors import RuntimeRefusal
    from marketplace_runtime.supervising.planning import DATABASE

    if docs:
        telling.write_catalogue(path, only_compare=check)
        return
    if order is None and not replay:
        raise RuntimeRefusal("say which: --order M-100234, --replay or --docs")
    with settings_of_a_command(database=database or DATABASE) as settings:
        asked = telling.Asked(order=order, consumer=consumer, since=since, until=until, seq=seq)
        work = telling.tell_again if replay else telling.show
        for line in asyncio.run(work(settings, asked)):
            typer.echo(line)
