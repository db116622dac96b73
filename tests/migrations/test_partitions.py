"""A marketplace that was there before events and history lay in months keeps all of both."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from tortoise import Tortoise
from tortoise.migrations.api import migrate as run_migrations

from marketplace.kit.ids import new_id
from marketplace_runtime.embedded.databases import APP, OWNER
from marketplace_runtime.embedded.services import RunningServices
from marketplace_runtime.migrating import migrate
from marketplace_runtime.orm import config

pytestmark = pytest.mark.anyio

BEFORE = "marketplace.0013_fulfilment"
NEWER = "state_change_called_off"  # an index that was made since
FIRST = datetime(2025, 11, 30, 23, 59, tzinfo=UTC)
_RIGHTS = f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP}"
_EVENT = """
    INSERT INTO outbox_event (id, name, stream_id, seq, payload, happened_at, routed_at)
    VALUES ($1, 'bell.rang', $2, $3, '{"tune": "ding"}', $4, $4)
"""
_CHANGE = """
    INSERT INTO state_change (id, event_id, order_id, subject, subject_id, to_state, move, actor, at)
    VALUES ($1, $2, $3, 'order', $3, 'placed', 'place', 'system', $4)
"""
_DELIVERY = """
    INSERT INTO delivery (id, event_id, consumer, attempts, next_at) VALUES ($1, $2, 'tower', 0, $3)
"""
_HELD = {
    name: f"SELECT * FROM {name} ORDER BY id"
    for name in ("outbox_event", "state_change", "delivery")
}
# What was promised of the tables, but for what must now hold the id (docs/decisions/0021).
_PROMISED = {
    "policies": "SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies",
    "checks": "SELECT conrelid::regclass::text AS tablename, conname, pg_get_constraintdef(oid)"
    " FROM pg_constraint WHERE contype <> 'u' AND conparentid = 0",
    "indexes": "SELECT tablename, indexname, replace(indexdef, ' ON ONLY ', ' ON ') FROM pg_indexes"
    " WHERE indexname NOT LIKE 'uid_%' AND indexname NOT LIKE '%_key'"
    f" AND indexname <> '{NEWER}'",
    "columns": "SELECT table_name AS tablename, column_name, data_type, is_nullable, column_default,"
    " col_description(table_name::regclass, ordinal_position) FROM information_schema.columns",
    "rights": "SELECT table_name AS tablename, grantee, privilege_type"
    " FROM information_schema.table_privileges",
    "comments": "SELECT relname AS tablename, obj_description(oid), relrowsecurity FROM pg_class",
}


@pytest.fixture
async def owner(services: RunningServices) -> AsyncIterator[Any]:
    """A database as it was, with five events in as many months."""
    services.ensure_database("souk_before")
    url = services.database_url("souk_before", role=OWNER)
    await run_migrations(config=config(url), app_labels=["marketplace"], target=BEFORE)
    await Tortoise.close_connections()
    connection = await asyncpg.connect(url)
    await connection.execute(_RIGHTS)
    await connection.execute(f"REVOKE UPDATE, DELETE ON state_change FROM {APP}")
    order_id = new_id(FIRST)
    for nth in range(5):
        at = FIRST + timedelta(days=31 * nth)
        event_id = new_id(at)
        await connection.execute(_EVENT, event_id, order_id, nth + 1, at)
        await connection.execute(_CHANGE, new_id(at), event_id, order_id, at)
        await connection.execute(_DELIVERY, new_id(at), event_id, at)
    yield connection
    await connection.close()
    services.drop_database("souk_before")


async def _found(owner: Any, queries: dict[str, str]) -> dict[str, list[tuple[Any, ...]]]:
    return {name: [tuple(row) for row in await owner.fetch(sql)] for name, sql in queries.items()}


async def test_all_rows_and_promises_are_there_afterwards(
    owner: Any, services: RunningServices
) -> None:
    promised = {
        name: f"SELECT * FROM ({sql}) all_of_them WHERE tablename IN ('outbox_event',"
        " 'state_change', 'delivery') ORDER BY 1, 2, 3"
        for name, sql in _PROMISED.items()
    }
    held, said = await _found(owner, _HELD), await _found(owner, promised)

    await migrate(services.database_url("souk_before", role=OWNER), APP)

    assert await _found(owner, _HELD) == held
    assert await _found(owner, promised) == said
    tables = await owner.fetch("SELECT tableoid::regclass::text FROM outbox_event ORDER BY id")
    assert [table[0] for table in tables] == [
        f"outbox_event_{month}" for month in ("2025_11", "2025_12", "2026_01", "2026_03", "2026_04")
    ]
    assert await owner.fetch("SELECT subject FROM outside_months()") == []
