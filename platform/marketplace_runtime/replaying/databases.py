"""The replay's own database, and the directory that keeps what belongs to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from marketplace_runtime.embedded import databases
from marketplace_runtime.embedded.home import Home, holder, open_home
from marketplace_runtime.embedded.postgres import Postgres
from marketplace_runtime.embedded.services import EmbeddedServices
from marketplace_runtime.replaying.errors import ReplayRefused

DATABASE = "souk_replay"


@dataclass(frozen=True, slots=True)
class Target:
    """`url` is the application role's, `owner_url` the migrations'; `name` names the files."""

    name: str
    url: str
    owner_url: str
    home: Home

    @property
    def role(self) -> str:
        return urlsplit(self.url).username or databases.APP

    @property
    def stripe_file(self) -> Path:
        return self.home.sandbox / f"{self.name}.sqlite3"

    @property
    def bent_file(self) -> Path:
        return self.home.logs / f"{self.name}-bent.csv"

    def forget_files(self) -> None:
        for end in ("", "-wal", "-shm"):
            self.stripe_file.with_name(self.stripe_file.name + end).unlink(missing_ok=True)


@contextmanager
def replay_database(
    home_path: Path, *, url: str | None, owner_url: str | None, is_fresh: bool
) -> Iterator[Target]:
    """Somebody else's database by its address, or our own on the embedded server.

    The embedded server is that of `souk up` where it runs in this home, and else runs until the
    end of the block.
    """
    home = open_home(home_path)
    home.sandbox.mkdir(mode=0o700, exist_ok=True)
    if url is not None:
        if is_fresh:
            raise ReplayRefused("--fresh is for the embedded database; empty another one yourself.")
        name = urlsplit(url).path.removeprefix("/")
        if not name:
            raise ReplayRefused(
                "--database-url names no database; accepted is "
                "postgres://user:password@host:5432/database."
            )
        yield Target(name, url, owner_url or url, home)
        return
    if holder(home) is not None:
        yield _embedded(Postgres(home), home, is_fresh)
        return
    with EmbeddedServices(home.path).running() as services:
        yield _embedded(services.postgres, services.home, is_fresh)


def _embedded(postgres: Postgres, home: Home, is_fresh: bool) -> Target:
    def url(role: databases.Role) -> str:
        return databases.database_url(postgres, DATABASE, role=role)

    target = Target(DATABASE, url("souk_app"), url("souk_owner"), home)
    if is_fresh:
        databases.drop_database(postgres, DATABASE)
        target.forget_files()
    databases.ensure_roles(postgres)
    databases.ensure_database(postgres, DATABASE)
    return target
