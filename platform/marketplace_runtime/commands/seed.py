"""`souk seed`"""

from typing import Annotated

import typer


def seed(
    history: Annotated[
        bool, typer.Option("--history", help="Six weeks of orders and their money as well.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Do not say how to sign in.")] = False,
) -> None:
    """Plant the demo marketplace: vendors, staff, products, offers, stock, taxes.

    Only into a database without one; a second call changes nothing. Where the Stripe sandbox
    runs, the vendors get accounts there that can be paid. Prints how to sign in.
    `souk up` does this at its first start, `souk up --demo` with a history. Without
    SOUK_DATABASE_URL it works on the embedded database of SOUK_HOME.

    **Examples**

    * `souk seed`
    * `souk seed --history` before the first `souk up`
    """
    import asyncio

    from marketplace_runtime.borrowing import settings_of_a_command
    from marketplace_runtime.seeding import seeding

    with settings_of_a_command() as settings:
        report = asyncio.run(seeding.seed(settings, has_history=history, tell=typer.echo))
    for sign_in in () if quiet else report.sign_ins:
        typer.echo(f"sign in  {sign_in.face:<14} {sign_in.email:<28} {sign_in.password}")
