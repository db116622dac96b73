"""A replay with a choice of places, and with other rules beside those that decide."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace_runtime import routing_told
from marketplace_runtime.orm import connected
from tests.conftest import Database
from tests.replay.running import Replay, expected_figures, facts, read

pytestmark = pytest.mark.anyio
VARIED = ("--two-places", "--beside=stock", "--beside=priority")


async def test_a_part_with_a_choice_of_places_tells_how_far_other_rules_agree_and_why_each_lost(
    fresh_database: Database, tmp_path: Path
) -> None:
    replay = Replay(tmp_path / "home", fresh_database)

    done = replay.run("--limit=9", f"--bent={tmp_path / 'bent.csv'}", *VARIED)
    first, again = [await told(fresh_database, seed="7") for _ in range(2)]
    others = replay.run("--limit=9")

    assert done.returncode == 0, done.stderr
    assert facts(read(done.stdout)) == expected_figures(limit=9)
    assert (tmp_path / "bent.csv").read_text().splitlines()[0].startswith("kind,file,line")
    assert "version 2 in shadow: " in done.stderr
    compared, agreed = await shadowed(fresh_database)
    assert 0 < agreed < compared
    assert f"of {compared} decisions agreed" in done.stderr
    assert first == again
    assert first.count("placed, by version 1") == 5
    assert first.count(" lost ") >= 5
    assert "the winner's" in first
    assert (others.returncode, "two places each" in others.stderr) == (1, True)


async def test_rankers_that_there_are_not_are_refused_before_anything_is_made(
    tmp_path: Path,
) -> None:
    done = Replay(tmp_path / "home").run("--beside=luck")

    assert done.returncode == 1
    assert "luck is not one of proximity" in done.stderr
    assert not (tmp_path / "home").exists()


async def told(database: Database, *, seed: str) -> str:
    """Five decisions, drawn and explained as `souk route explain` does."""
    said = StringIO()
    screen = Console(file=said, width=200)
    await routing_told.explain_drawn(database.url, wanted=5, seed=seed, screen=screen)
    return said.getvalue()


async def shadowed(database: Database) -> tuple[int, int]:
    """Decisions with another version beside it, and those in which it agreed."""
    async with connected(database.url), transaction(SYSTEM, read_only=True):
        row = await connection().fetchrow(
            "SELECT count(shadow_id) AS compared, count(*) FILTER (WHERE shadow_agrees) AS agreed"
            " FROM routing_decision"
        )
    return row["compared"], row["agreed"]
