"""`souk migrate`"""

import typer


def migrate() -> None:
    """Bring the database to the newest schema and give the application's role its rights.

    Runs with the owner's role, SOUK_OWNER_DATABASE_URL, one process at a time; running it again
    changes nothing. Without SOUK_DATABASE_URL it works on the embedded database of SOUK_HOME.

    **Examples**

    * `souk migrate`
    * `SOUK_OWNER_DATABASE_URL=postgres://souk_owner:…@db/souk souk migrate`
    """
    import asyncio
    from urllib.parse import urlsplit

    from marketplace_runtime import migrating
    from marketplace_runtime.borrowing import settings_of_a_command

    with settings_of_a_command() as settings:
        role = urlsplit(settings.database_url).username or "souk_app"
        asyncio.run(migrating.migrate(settings.needs_owner_database_url(), role))
    typer.echo("The database has the newest schema.")
