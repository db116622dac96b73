"""Replays as a person starts them: the command, in a process of its own."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import asyncpg

from tests.conftest import Database
from tests.replay.expected import expected
from tests.replay.histories import SMALL
from tests.runtime.processes import PYTHONPATH, eventually

Figures = dict[str, int | Decimal | bool]
PATIENCE = 120.0  # seconds a whole replay may take where others work beside it


@dataclass(frozen=True)
class Replay:
    """One replay's home and, unless it is the home's own, database."""

    home: Path
    database: Database | None = None
    directory: Path = SMALL

    def command(self, *arguments: str) -> Sequence[str]:
        addresses = (
            []
            if self.database is None
            else [
                f"--database-url={self.database.url}",
                f"--owner-database-url={self.database.owner_url}",
            ]
        )
        return [
            sys.executable, "-m", "marketplace_runtime", "replay", str(self.directory),
            f"--home={self.home}", *addresses, *arguments,
        ]  # fmt: skip

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def figures(self, *arguments: str) -> Figures:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return read(done.stdout)

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[str]]:
        with subprocess.Popen(
            self.command(),
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def charges(self) -> int:
        """How often the provider took money, by the provider's own books."""
        name = "souk_replay" if self.database is None else self.database.name
        with sqlite3.connect(self.home / "sandbox" / f"{name}.sqlite3") as books:
            (count,) = books.execute(
                "SELECT count(*) FROM objects WHERE type = 'charge' AND id LIKE 'ch_%'"
            ).fetchone()
        return int(count)


PAID = frozenset({"payouts", "paid_out", "still_owed", "reserve"})
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("SOUK_")},
    "PYTHONPATH": PYTHONPATH,
}
if "SOUK_PGBIN" in os.environ:
    ENVIRONMENT["SOUK_PGBIN"] = os.environ["SOUK_PGBIN"]


def read(output: str) -> Figures:
    figures: Figures = json.loads(output, parse_float=Decimal)
    return figures


def expected_figures(limit: int | None = None) -> Figures:
    return {**expected(SMALL, limit), "balances": True, "breaks": 0}


def facts(figures: Figures) -> Figures:
    """What the history decides, and whether books differ; when sellers are paid is up to us."""
    return {name: value for name, value in figures.items() if name not in PAID}


async def count(url: str, query: str) -> int:
    """By the owner's address, who sees all rows; 0 while the database is not there yet."""
    try:
        connection = await asyncpg.connect(url)
    except (OSError, asyncpg.PostgresError):
        return 0
    try:
        return int(await connection.fetchval(query))
    except asyncpg.UndefinedTableError:
        return 0
    finally:
        await connection.close()


def child_of(pid: int, naming: str) -> int:
    """The living child of a process whose command line holds a word."""

    def found() -> list[int]:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [
            int(child)
            for child in children
            if naming.encode() in Path(f"/proc/{child}/cmdline").read_bytes()
        ]

    assert eventually(lambda: len(found()) == 1, seconds=PATIENCE)
    return found()[0]


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
