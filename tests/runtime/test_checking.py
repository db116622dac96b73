"""`souk check`, as an operator calls it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from marketplace.kit.ids import new_id
from marketplace_runtime.checking import CHECKS
from marketplace_runtime.embedded.databases import APP
from marketplace_runtime.migrating import migrate
from marketplace_runtime.orm import connected
from marketplace_runtime.seeding import planting
from tests.conftest import Database
from tests.factories import NOON
from tests.runtime.test_cli import souk

pytestmark = pytest.mark.anyio

ENVIRONMENT = {
    "SOUK_REDIS_URL": "redis://localhost",
    "SOUK_SECRET_KEY": "k" * 32,
    "SOUK_STRIPE_API_KEY": "sk_test_none",
    "SOUK_STRIPE_WEBHOOK_SECRET": "whsec_none",
    "SOUK_SMTP_URL": "smtp://localhost:25",
}


async def test_a_sound_marketplace_passes_and_a_broken_one_is_named(
    fresh_database: Database, tmp_path: Path
) -> None:
    async with connected(fresh_database.url):
        await planting.plant(now=NOON)
    environment = {**ENVIRONMENT, "SOUK_DATABASE_URL": fresh_database.url}

    sound = souk("check", home=tmp_path, **environment)
    await _promise_what_nobody_bought(fresh_database)
    broken = souk("check", home=tmp_path, **environment)
    for_programs = souk("check", "--json", home=tmp_path, **environment)

    assert (sound.returncode, sound.stdout.splitlines()[-1]) == (
        0,
        f"{len(CHECKS)} checked, 0 violated",
    )
    assert (broken.returncode, broken.stdout.splitlines()[-1]) == (
        1,
        f"{len(CHECKS)} checked, 1 violated",
    )
    assert "✗ stock-is-never-oversold" in broken.stdout
    [violation] = json.loads(for_programs.stdout)[fresh_database.name]["violations"]
    assert violation["check"] == "stock-is-never-oversold"


async def test_time_without_months_is_found_and_mended(
    fresh_database: Database, tmp_path: Path
) -> None:
    """By `souk check` once something lies outside of them, by `souk doctor` before that."""
    environment = {**ENVIRONMENT, "SOUK_DATABASE_URL": fresh_database.url}
    await _let_time_jump(fresh_database)

    checked = souk("check", home=tmp_path, **environment)
    looked = souk("doctor", home=tmp_path, **environment)
    await migrate(fresh_database.owner_url, APP)
    mended = souk("check", home=tmp_path, **environment)
    listed = souk("partitions", home=tmp_path, **environment)

    assert "✗ months-hold-everything" in checked.stdout
    assert "outbox_event: 1 rows are in no month's table" in checked.stdout
    [ill] = [line for line in looked.stdout.splitlines() if "months ahead" in line]
    assert ill.startswith("ILL")
    assert "✓ months-hold-everything" in mended.stdout
    assert [line.split()[:4] for line in listed.stdout.splitlines() if "2040-0" in line] == [
        [f"2040-0{month}", "1" if month == 5 else "0", "1" if month == 5 else "0", "0"]
        for month in (5, 6, 7, 8)
    ]


async def test_a_home_without_a_marketplace_says_so(tmp_path: Path) -> None:
    refused = souk("check", home=tmp_path / "home")

    assert refused.returncode != 0
    assert "There is no marketplace here yet" in refused.stderr


async def _let_time_jump(database: Database) -> None:
    """To a May without months, in which something happens."""
    now = datetime(2040, 5, 1, tzinfo=UTC)
    owner = await asyncpg.connect(database.owner_url)
    try:
        await owner.execute("UPDATE clock SET mode = 'virtual', virtual_now = $1", now)
        await owner.execute(
            "INSERT INTO outbox_event (id, name, payload, happened_at)"
            " VALUES ($1, 'bell.rang', '{}', $2)",
            new_id(now),
            now,
        )
    finally:
        await owner.close()


async def _promise_what_nobody_bought(database: Database) -> None:
    owner = await asyncpg.connect(database.owner_url)
    try:
        await owner.execute(
            "UPDATE stock SET reserved = 1 WHERE id = (SELECT id FROM stock LIMIT 1)"
        )
    finally:
        await owner.close()
