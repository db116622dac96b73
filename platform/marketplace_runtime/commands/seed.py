"""`souk seed`"""

import typer


def seed() -> None:
    """Plant the demo marketplace: vendors, staff, products, offers, stock, taxes.

    Only into a database without one; a second call changes nothing. Prints how to sign in.
    `souk up` does this at its first start. Without SOUK_DATABASE_URL it works on the embedded
    database of SOUK_HOME.

    **Examples**

    * `souk seed`
    """
    import asyncio

    from marketplace.kit import clock
    from marketplace_runtime.borrowing import settings_of_a_command
    from marketplace_runtime.orm import connected
    from marketplace_runtime.seeding import planting

    async def plant(database_url: str) -> planting.SeedReport:
        async with connected(database_url):
            return await planting.plant(now=await clock.now())

    with settings_of_a_command() as settings:
        report = asyncio.run(plant(settings.database_url))
    if report.planted:
        typer.echo("planted the demo marketplace")
    for sign_in in report.sign_ins:
        typer.echo(f"sign in  {sign_in.face:<14} {sign_in.email:<28} {sign_in.password}")
