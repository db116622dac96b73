"""`souk up`"""

import sys
from pathlib import Path
from typing import Annotated

import typer


def up(
    port: Annotated[
        int | None,
        typer.Option(
            envvar="SOUK_PORT", min=1, max=65535, help="The web's port; refused when it is taken."
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(envvar="SOUK_HOST", help="The address to listen on.")
    ] = "127.0.0.1",
    home: Annotated[
        Path, typer.Option(envvar="SOUK_HOME", help="The directory that keeps all data.")
    ] = Path(".souk"),
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Remove all data of this home first.")
    ] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="Seed six weeks of orders at the first start.")
    ] = False,
) -> None:
    """Run a whole marketplace on this machine, until Ctrl-C.

    PostgreSQL, Valkey, a stand-in for Stripe, a mailbox, the migrations, a demo marketplace at
    the first start, the web and the worker. What ends is started again. The last line when all
    is well begins with `ready:`.

    What the environment names is used instead of an embedded one: SOUK_DATABASE_URL,
    SOUK_REDIS_URL, SOUK_STRIPE_API_KEY, SOUK_SMTP_URL.

    **Examples**

    * `souk up` continues with the data that is there
    * `souk up --port 9000` on another port, and on no other
    * `souk up --fresh` starts over
    * `souk up --demo` begins with a past: orders, payouts, a dispute, differences to look into
    * `SOUK_HOME=/tmp/shop souk up` beside another one
    """
    import asyncio
    import os

    from marketplace_runtime.embedded.home import holding, open_home
    from marketplace_runtime.supervising import marketplace
    from marketplace_runtime.supervising.logs import Logs
    from marketplace_runtime.supervising.planning import planned

    kept = open_home(home)
    with holding(kept):
        if fresh:
            _confirmed(kept.path)
            kept.clear()
            kept = open_home(home)
        with planned(kept, host=host, port=port, environment=os.environ) as plan:
            asyncio.run(marketplace.run(plan, Logs(kept.logs), has_history=demo))


def _confirmed(path: Path) -> None:
    if sys.stdin.isatty():
        typer.confirm(f"Remove all of Souk's data in {path}?", abort=True)
