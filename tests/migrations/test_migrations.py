"""The database is what the migrations say, and says no itself."""

import asyncio
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import asyncpg
import pytest
from asyncpg import InsufficientPrivilegeError
from tortoise.context import get_current_context
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.operations import AddField

import marketplace.migrations
import settlement.migrations
from marketplace_runtime.embedded.databases import APP
from marketplace_runtime.embedded.services import RunningServices
from marketplace_runtime.migrating import migrate
from marketplace_runtime.orm import config, connected
from tests.conftest import Database

pytestmark = pytest.mark.anyio

_NAMED = re.compile(
    r"ADD CONSTRAINT (\w+)|CREATE (?:UNIQUE )?INDEX (\w+)|CREATE (?:CONSTRAINT )?TRIGGER (\w+)"
    r"|CREATE (?:OR REPLACE )?FUNCTION (\w+)|CREATE SEQUENCE (\w+)"
)
_CATALOGUE = """
    SELECT conname FROM pg_constraint UNION SELECT indexname FROM pg_indexes
    UNION SELECT tgname FROM pg_trigger UNION SELECT proname FROM pg_proc
    UNION SELECT relname FROM pg_class WHERE relkind = 'S'
"""
_UNGUARDED = """
    SELECT DISTINCT class.relname FROM pg_class class
    JOIN pg_attribute ON pg_attribute.attrelid = class.oid AND attname = 'vendor_id'
    WHERE class.relkind IN ('r', 'p') AND class.relnamespace = 'public'::regnamespace
        AND NOT class.relrowsecurity
"""

_COMPARED_OUTSIDE = """
    SELECT tablename, policyname FROM pg_policies
    WHERE qual LIKE $like$%AS current_setting) = 'all'%$like$
"""


async def rows(url: str, sql: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        found: list[Any] = await connection.fetch(sql)
        return found
    finally:
        await connection.close()


def migrations() -> Iterator[ModuleType]:
    for package in (marketplace.migrations, settlement.migrations):
        for path in sorted(Path(package.__path__[0]).glob("[0-9]*.py")):
            yield import_module(f"{package.__name__}.{path.stem}")


def declared() -> set[str]:
    """What the migrations' own SQL makes by name."""
    texts = [Path(migration.__file__ or "").read_text() for migration in migrations()]
    return {next(filter(None, found)) for text in texts for found in _NAMED.findall(text)}


async def test_every_rule_that_a_migration_names_is_in_the_database(template: Database) -> None:
    there = {row[0] for row in await rows(template.url, _CATALOGUE)}

    assert len(declared()) > 60
    assert declared() - there == set()


async def test_every_table_with_a_vendor_is_guarded_by_row_security(template: Database) -> None:
    assert await rows(template.url, _UNGUARDED) == []


async def test_every_policy_compares_inside_its_sub_select(template: Database) -> None:
    # docs/decisions/0020: outside of it, the planner expects next to no rows.
    assert await rows(template.url, _COMPARED_OUTSIDE) == []


async def test_the_models_are_what_the_migrations_made(template: Database) -> None:
    async with connected(template.url):
        apps = get_current_context().apps
        assert apps is not None
        detector = MigrationAutodetector(apps, config(template.url)["apps"])

        assert [writer.name for writer in await detector.changes()] == []


def test_a_column_that_is_added_has_a_value_for_the_rows_that_are_there() -> None:
    added = [
        (f"{migration.__name__}: {operation.model_name}.{operation.name}", operation.field)
        for migration in migrations()
        for operation in migration.Migration.operations
        if isinstance(operation, AddField)
    ]

    assert added
    assert [where for where, field in added if not (field.null or field.has_db_default())] == []


async def test_two_processes_migrate_at_once_and_again_without_harm(
    services: RunningServices,
) -> None:
    services.ensure_database("souk_twice")
    owner = services.database_url("souk_twice", role="souk_owner")
    try:
        both = [await asyncio.create_subprocess_exec(*_migrating(owner)) for _ in range(2)]
        assert [await process.wait() for process in both] == [0, 0]
        await migrate(owner, APP)

        [[tables]] = await rows(owner, "SELECT count(*) FROM pg_tables WHERE tablename = 'orders'")
        assert tables == 1
    finally:
        services.drop_database("souk_twice")


def _migrating(owner_url: str) -> list[str]:
    program = (
        "import asyncio; from marketplace_runtime.migrating import migrate; "
        f"asyncio.run(migrate({owner_url!r}, {APP!r}))"
    )
    path = [str(Path(__file__).parents[2] / "platform"), str(Path(__file__).parents[2])]
    return [sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}; {program}"]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "DROP TABLE orders",
        "ALTER TABLE orders DISABLE ROW LEVEL SECURITY",
        "TRUNCATE orders",
        "UPDATE state_change SET reason = 'another'",
        "DELETE FROM state_change",
        "UPDATE stock_movement SET delta = 1",
        "DELETE FROM stock_movement",
        "DELETE FROM vendor_key",
        "SELECT FROM outbox_event_rest",
        "DELETE FROM state_change_rest",
        "SELECT make_month('state_change', '2020-01-01')",
        "SET ROLE souk_owner",
    ],
)
async def test_the_application_may_not(template: Database, statement: str) -> None:
    with pytest.raises(InsufficientPrivilegeError):
        await rows(template.url, statement)
