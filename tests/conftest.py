"""Real PostgreSQL and Valkey for every test, from the same binaries that `souk up` runs.

`db` is a transaction that is rolled back; `committed_db` is a database of its own, for tests that
need several transactions at once. Both speak as the application's role.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from tortoise.context import TortoiseContext
from xdist.remote import Producer
from xdist.scheduler import Scheduling

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace_runtime.embedded.databases import APP, OWNER
from marketplace_runtime.embedded.services import EmbeddedServices, RunningServices
from marketplace_runtime.migrating import migrate
from marketplace_runtime.orm import config, connected
from tests.parts import PartsApart

TEMPLATE = "souk_template"
MEMORY = Path("/dev/shm")
ROOM = 4 << 30  # bytes; four processes that test need far less than one of it

# What helps the tests says as much as they do when it finds something wrong.
pytest.register_assert_rewrite(
    *(f"tests.{folder.name}" for folder in Path(__file__).parent.iterdir() if folder.is_dir())
)


# How long an example takes says what else the machine does: a timing is never a test.
settings.register_profile("souk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("souk")


class _Rollback(Exception):
    pass


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    return PartsApart(config, log) if config.getvalue("dist") == "loadfile" else None


@dataclass(frozen=True)
class Database:
    """Addresses of one database: as the application, and as the owner of its tables."""

    name: str
    url: str
    owner_url: str


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def services() -> Iterator[RunningServices]:
    """In memory where there is room: most tests begin with a copy of a thousand small files."""
    in_memory = MEMORY.is_dir() and disk_usage(MEMORY).free > ROOM
    with (
        TemporaryDirectory(prefix="souk-tests-", dir=MEMORY if in_memory else None) as home,
        EmbeddedServices(Path(home), durable=False).running() as running,
    ):
        yield running


@pytest.fixture(scope="session")
async def template(services: RunningServices, anyio_backend: str) -> Database:
    """A database built by the migrations, to be copied."""
    services.ensure_database(TEMPLATE)
    database = _database(services, TEMPLATE)
    await migrate(database.owner_url, APP)
    return database


@pytest.fixture(scope="session")
async def shared_database(services: RunningServices, template: Database) -> Database:
    """The one that rolled-back tests share."""
    services.ensure_database("souk_shared", template=template.name)
    return _database(services, "souk_shared")


@pytest.fixture(scope="session")
async def shared_orm(shared_database: Database) -> AsyncIterator[TortoiseContext]:
    """The ORM on the shared database, made once: describing all models takes longer than a test."""
    orm = TortoiseContext()
    with orm:
        await orm.init(config=config(shared_database.url))
    yield orm
    await orm.close_connections()


@pytest.fixture
async def db(shared_orm: TortoiseContext) -> AsyncIterator[None]:
    """One transaction with the system's scope, rolled back; commit-time rules fire before that."""
    with shared_orm:
        try:
            async with transaction(SYSTEM):
                yield
                await connection().execute("SET CONSTRAINTS ALL IMMEDIATE")
                raise _Rollback
        except _Rollback:
            pass


@pytest.fixture
def fresh_database(services: RunningServices, template: Database) -> Iterator[Database]:
    """A copy of the template, dropped afterwards; nothing is connected to it."""
    name = f"souk_{uuid4().hex}"
    services.ensure_database(name, template=template.name)
    yield _database(services, name)
    services.drop_database(name)


@pytest.fixture
async def committed_db(fresh_database: Database) -> AsyncIterator[Database]:
    """A database of its own, with the ORM connected to it."""
    async with connected(fresh_database.url, pool_size=40):
        yield fresh_database


def _database(services: RunningServices, name: str) -> Database:
    return Database(
        name, services.database_url(name, role=APP), services.database_url(name, role=OWNER)
    )
