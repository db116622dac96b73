"""`souk replay`"""

from pathlib import Path
from typing import Annotated

import typer

Directory = Annotated[
    Path, typer.Argument(metavar="DIR", help="Where the history's four CSV files are.")
]
Limit = Annotated[int | None, typer.Option(min=1, help="The first so many orders, by purchase.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Read and check everything, write nothing.")
]
Bent = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Where each bent row is listed, as CSV.")
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Drop an earlier replay's database first.")]
TwoPlaces = Annotated[
    bool,
    typer.Option("--two-places", help="Each seller has all it sells at a second place as well."),
]
Beside = Annotated[
    list[str] | None,
    typer.Option(
        metavar="RANKER", help="Rank by this in shadow, beside the active rules; may be repeated."
    ),
]
HomeDirectory = Annotated[
    Path, typer.Option(envvar="SOUK_HOME", help="The directory that keeps all data.")
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="A database of your own, empty, instead of souk_replay."),
]
OwnerDatabaseUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="The same as its tables' owner, for the migrations."),
]


def replay(
    directory: Directory,
    limit: Limit = None,
    dry_run: DryRun = False,
    bent: Bent = None,
    fresh: Fresh = False,
    two_places: TwoPlaces = False,
    beside: Beside = None,
    home: HomeDirectory = Path(".souk"),
    database_url: DatabaseUrl = None,
    owner_database_url: OwnerDatabaseUrl = None,
) -> None:
    """Drive a marketplace's order history through this one, under the history's own clock.

    Every order is placed at its price, freight and deadline of that day, paid, shipped when the
    carrier got it, delivered, and earns. It all happens in a database of its own, beside the
    marketplace's; nobody is written to. Rows that cannot be read are listed and nothing is
    written; rows that cannot have happened as they say are read so that they can, and counted.
    What was broken off goes on when it is run again. Ends with one JSON object on standard
    output, computed from the database; everything else is said on standard error.

    **Examples**

    * `souk replay ~/olist --dry-run` is the history in order?
    * `souk replay ~/olist --limit 1000`
    * `souk replay ~/olist > figures.json`
    * `souk replay ~/olist --two-places --beside priority --beside stock` other routing rules
    """
    import logging

    from rich.console import Console

    from marketplace_runtime.replaying.figures import as_json
    from marketplace_runtime.replaying.replaying import Asked
    from marketplace_runtime.replaying.replaying import replay as run
    from marketplace_runtime.replaying.varying import Variation

    # When the database goes, the pool's own attempts are no news beside our sentence.
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)
    asked = Asked(
        directory=directory,
        home=home,
        limit=limit,
        varied=Variation(two_places=two_places, beside=beside or ()),
        bent_file=bent,
        is_dry=dry_run,
        is_fresh=fresh,
        database_url=database_url,
        owner_database_url=owner_database_url,
    )
    found = run(asked, Console(stderr=True))
    if found is not None:
        typer.echo(as_json(found))
