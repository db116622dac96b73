"""Killed anywhere and started again, a replay ends with the same figures and clean books."""

import asyncio
from pathlib import Path

import pytest

from marketplace_runtime.checking import check
from marketplace_runtime.embedded.databases import database_url
from marketplace_runtime.embedded.home import Home
from marketplace_runtime.embedded.postgres import Postgres
from tests.conftest import Database
from tests.replay.running import (
    PATIENCE,
    Replay,
    child_of,
    count,
    expected_figures,
    facts,
    kill,
)

pytestmark = pytest.mark.anyio

ORDERS = "SELECT count(*) FROM orders"
CAPTURES = "SELECT count(*) FROM capture"
CALLS = "SELECT count(*) FROM provider_operation WHERE kind = 'intent'"
SHIPMENTS = "SELECT count(*) FROM shipment"


async def reached(url: str, query: str, wanted: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while await count(url, query) < wanted:  # noqa: ASYNC110 - another process is watched
            await asyncio.sleep(0.005)


async def test_a_replay_killed_again_and_again_goes_on(
    fresh_database: Database, tmp_path: Path
) -> None:
    replay = Replay(tmp_path / "home", fresh_database)
    url = fresh_database.owner_url
    for query, wanted in ((ORDERS, 4), (CALLS, 11), (SHIPMENTS, 30)):
        with replay.running() as process:
            await reached(url, query, wanted)
            kill(process.pid)

    assert await count(url, ORDERS) < 40
    assert facts(replay.figures()) == expected_figures()
    assert (await check(fresh_database.url)).violations == ()
    assert replay.charges() == 40


async def test_a_replay_whose_stripe_dies_says_so_and_goes_on_when_run_again(
    fresh_database: Database, tmp_path: Path
) -> None:
    replay = Replay(tmp_path / "home", fresh_database)
    with replay.running() as process:
        stripe = child_of(process.pid, "stripe_process")
        await reached(fresh_database.owner_url, CAPTURES, 7)
        kill(stripe)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "Stripe sandbox has ended" in said
    assert "Traceback" not in said

    assert facts(replay.figures()) == expected_figures()
    assert (await check(fresh_database.url)).violations == ()
    assert replay.charges() == 40


async def test_a_replay_whose_postgresql_dies_says_so_and_goes_on_when_run_again(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path / "home")
    replay, postgres = Replay(home.path), Postgres(home)
    owner_url = database_url(postgres, "souk_replay", role="souk_owner")
    with replay.running() as process:
        await reached(owner_url, SHIPMENTS, 12)
        kill(int((home.postgres / "postmaster.pid").read_text().split()[0]))
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "the database is gone" in said
    assert "Traceback" not in said

    figures, again = replay.figures(), replay.figures()

    assert figures == again
    assert facts(figures) == expected_figures()
    assert replay.charges() == 40
