"""Settings for a single command: the environment's, or the embedded services of this home."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from marketplace_runtime.embedded import databases
from marketplace_runtime.embedded.home import holder, open_home
from marketplace_runtime.embedded.postgres import Postgres
from marketplace_runtime.embedded.services import EmbeddedServices
from marketplace_runtime.errors import RuntimeRefusal
from marketplace_runtime.settings import Settings, read_settings
from marketplace_runtime.supervising import planning
from marketplace_runtime.supervising.planning import DATABASE


@contextmanager
def settings_of_a_command(
    *, database: str = DATABASE, environment: Mapping[str, str] | None = None
) -> Iterator[Settings]:
    """Where SOUK_DATABASE_URL is set, the environment is all there is.

    Otherwise the command works on the embedded database of this name in SOUK_HOME: it joins
    `souk up` where that runs, and else runs PostgreSQL and Valkey itself until it is done.
    Refuses the name of a database that is not there; only the marketplace's own is made.
    """
    given = {name: value for name, value in (environment or os.environ).items() if value}
    if "SOUK_DATABASE_URL" in given:
        if database != DATABASE:
            raise RuntimeRefusal(
                f"{database!r} names a database of the embedded server, but SOUK_DATABASE_URL is "
                "set: put the database's address there."
            )
        yield read_settings(given)
        return

    home = open_home(Path(given.get("SOUK_HOME", ".souk")))
    if holder(home) is not None and planning.environment_file(home).exists():
        up = planning.remembered(home)
        if database != DATABASE:
            postgres = Postgres(home)
            databases.require_database(postgres, database)
            up |= planning.database_settings(postgres, database)
        yield read_settings({**up, **given})
        return

    with EmbeddedServices(home.path).running() as services:
        if database == DATABASE:
            services.ensure_database(database)
        else:
            databases.require_database(services.postgres, database)
        here = planning.embedded_environment(home, given=given)
        yield read_settings({**here, **planning.database_settings(services.postgres, database)})


@contextmanager
def settings_of_every_marketplace(
    *, environment: Mapping[str, str] | None = None
) -> Iterator[dict[str, Settings]]:
    """By database: the one SOUK_DATABASE_URL names, else all of the embedded server in SOUK_HOME.

    Refuses a home that keeps none yet.
    """
    given = {name: value for name, value in (environment or os.environ).items() if value}
    if "SOUK_DATABASE_URL" in given:
        settings = read_settings(given)
        yield {urlsplit(settings.database_url).path.removeprefix("/"): settings}
        return

    home = open_home(Path(given.get("SOUK_HOME", ".souk")))
    if holder(home) is not None and planning.environment_file(home).exists():
        yield _each(Postgres(home), {**planning.remembered(home), **given})
        return
    with EmbeddedServices(home.path).running() as services:
        yield _each(services.postgres, planning.embedded_environment(home, given=given))


def _each(postgres: Postgres, environment: Mapping[str, str]) -> dict[str, Settings]:
    names = databases.database_names(postgres)
    if not names:
        raise RuntimeRefusal("There is no marketplace here yet: `souk up` makes one.")
    return {
        name: read_settings({**environment, **planning.database_settings(postgres, name)})
        for name in names
    }
