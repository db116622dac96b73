"""Settings for a single command: the environment's, or the embedded services of this home."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from marketplace_runtime.embedded.home import holder, open_home
from marketplace_runtime.embedded.services import EmbeddedServices
from marketplace_runtime.settings import Settings, read_settings


@contextmanager
def settings_of_a_command(
    *, database: str = "souk", environment: Mapping[str, str] | None = None
) -> Iterator[Settings]:
    """Where SOUK_DATABASE_URL is set, the environment is all there is.

    Otherwise the command works on the embedded database of this name in SOUK_HOME: it joins
    `souk up` where that runs, and else runs PostgreSQL and Valkey itself until it is done.
    """
    given = {name: value for name, value in (environment or os.environ).items() if value}
    if "SOUK_DATABASE_URL" in given:
        yield read_settings(given)
        return

    # Here, as single commands start as fast without it.
    from marketplace_runtime.supervising import planning

    home = open_home(Path(given.get("SOUK_HOME", ".souk")))
    if holder(home) is not None and planning.environment_file(home).exists():
        from marketplace_runtime.embedded.databases import ensure_database
        from marketplace_runtime.embedded.postgres import Postgres

        up = planning.remembered(home)
        if database != planning.DATABASE:
            postgres = Postgres(home)
            ensure_database(postgres, database)
            up |= planning.database_settings(postgres, database)
        yield read_settings({**up, **given})
        return

    with EmbeddedServices(home.path).running() as services:
        services.ensure_database(database)
        here = planning.embedded_environment(home, given=given)
        yield read_settings({**here, **planning.database_settings(services.postgres, database)})
