"""A database of the bench's own, on the embedded server, gone when it is over."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from marketplace_runtime.embedded import databases
from marketplace_runtime.embedded.home import Home, holder, open_home
from marketplace_runtime.embedded.postgres import Postgres
from marketplace_runtime.embedded.services import EmbeddedServices
from marketplace_runtime.migrating import migrate

DATABASE = "souk_bench"


@dataclass(frozen=True, slots=True)
class Bench:
    """The server, and where the bench keeps its files for a while."""

    home: Home
    postgres: Postgres

    @property
    def url(self) -> str:
        return databases.database_url(self.postgres, DATABASE)

    @property
    def owner_url(self) -> str:
        return databases.database_url(self.postgres, DATABASE, role=databases.OWNER)

    @property
    def stripe_file(self) -> Path:
        return self.home.sandbox / f"{DATABASE}.sqlite3"

    @contextmanager
    def fresh(self) -> Iterator[None]:
        """The database empty but for its schema; dropped afterwards, and one left behind before."""
        self._drop()
        try:
            databases.ensure_database(self.postgres, DATABASE)
            asyncio.run(migrate(self.owner_url, databases.APP))
            yield
        finally:
            self._drop()

    def _drop(self) -> None:
        databases.drop_database(self.postgres, DATABASE)
        for end in ("", "-wal", "-shm"):
            self.stripe_file.with_name(self.stripe_file.name + end).unlink(missing_ok=True)


@contextmanager
def bench_server(home_path: Path | None) -> Iterator[Bench]:
    """The server of a home, that of `souk up` where it runs there; without one, of a moment's."""
    if home_path is None:
        with (
            tempfile.TemporaryDirectory(prefix="souk-bench-") as path,
            bench_server(Path(path)) as bench,
        ):
            yield bench
        return
    home = open_home(home_path)
    home.sandbox.mkdir(mode=0o700, exist_ok=True)
    if holder(home) is not None:
        yield Bench(home, Postgres(home))
        return
    with EmbeddedServices(home.path).running() as services:
        yield Bench(services.home, services.postgres)
