"""`souk seed`"""

import typer


def seed() -> None:
    """Plant the demo marketplace: vendors, staff, products, offers, stock, taxes.

    Only into a database without one; a second call changes nothing. Where the Stripe sandbox
    runs, the vendors get accounts there that can be paid. Prints how to sign in.
    `souk up` does this at its first start. Without SOUK_DATABASE_URL it works on the embedded
    database of SOUK_HOME.

    **Examples**

    * `souk seed`
    """
    import asyncio

    from marketplace.kit import clock
    from marketplace_runtime.borrowing import settings_of_a_command
    from marketplace_runtime.orm import connected
    from marketplace_runtime.seeding import enrolling, planting
    from marketplace_runtime.settings import Settings

    async def plant(settings: Settings) -> tuple[planting.SeedReport, int]:
        async with connected(settings.database_url):
            now = await clock.now()
            report = await planting.plant(now=now)
            return report, await enrolling.enroll(settings, now=now) if report.planted else 0

    with settings_of_a_command() as settings:
        report, enrolled = asyncio.run(plant(settings))
    if report.planted:
        typer.echo("planted the demo marketplace")
    if enrolled:
        typer.echo(f"opened accounts for payouts for {enrolled} vendors")
    for sign_in in report.sign_ins:
        typer.echo(f"sign in  {sign_in.face:<14} {sign_in.email:<28} {sign_in.password}")
