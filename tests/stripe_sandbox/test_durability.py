"""A process that is killed, and the one after it."""

import asyncio
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.stripe_sandbox.running import (
    KEY,
    OVER_HTTP,
    Endpoint,
    HandClock,
    config_in,
    listener,
    running,
)

pytestmark = OVER_HTTP

ROOT = Path(__file__).parents[2]
PAY = (
    "amount=1000&currency=eur&confirm=true&payment_method=pm_card_visa"
    "&allowed_payment_method_types[]=card"
)
HEADERS = {
    "Authorization": f"Bearer {KEY}",
    "Content-Type": "application/x-www-form-urlencoded",
}
SERVED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import uvicorn
from stripe_sandbox.app import create_app
from tests.stripe_sandbox.running import config_in

async def clock():
    return datetime(2026, 3, 1, 12, tzinfo=UTC)

app = create_app(config_in(Path(sys.argv[1])), clock=clock)
uvicorn.run(app, fd=int(sys.argv[2]), log_level="error")
"""


class Served:
    """A sandbox in a process of its own.

    The socket stays the test's, so that a request waits for the next process and none is lost.
    """

    def __init__(self, folder: Path, listening: socket.socket) -> None:
        self._folder = folder
        self._listening = listening
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self.start()

    def start(self) -> None:
        descriptor = self._listening.fileno()
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVED, str(self._folder), str(descriptor)],
            cwd=ROOT,
            env={"PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}", "PATH": "/usr/bin:/bin"},
            pass_fds=[descriptor],
        )

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with listener() as listening:
        listening.listen(50)
        one = Served(tmp_path, listening)
        yield one
        one.kill()


async def test_what_was_answered_is_there_after_a_kill(served: Served) -> None:
    """R89"""
    answered: list[str] = []

    async with httpx.AsyncClient(base_url=served.url, timeout=30, headers=HEADERS) as client:

        async def pay(key: str) -> None:
            headers = {"Idempotency-Key": key}
            answer = await client.post("/v1/payment_intents", content=PAY, headers=headers)
            assert answer.status_code == 200
            answered.append(answer.json()["id"])

        for n in range(30):
            await pay(f"alone-{n}")
        burst = [asyncio.create_task(pay(f"burst-{n}")) for n in range(20)]
        await asyncio.wait(burst, return_when=asyncio.FIRST_COMPLETED)
        served.kill()
        before = list(answered)
        served.start()
        await asyncio.gather(*burst, return_exceptions=True)
        for n in range(20):
            await pay(f"burst-{n}")
        books = (await client.get("/_sandbox/books")).json()
        states = [(await client.get(f"/v1/payment_intents/{id_}")).json() for id_ in before]

    # Each key was charged once, whether its first answer came through or not.
    assert {state["status"] for state in states} == {"succeeded"}
    assert len(set(answered)) == 50
    assert books["agrees"]
    assert books["currencies"]["eur"]["charges"] == 50


async def test_a_file_from_before_disputes_and_payouts_goes_on(tmp_path: Path) -> None:
    """R159"""
    file = config_in(tmp_path).data_file
    with closing(sqlite3.connect(file)) as old:
        old.executescript(
            "CREATE TABLE entries (id INTEGER PRIMARY KEY, account TEXT NOT NULL,"
            " balance_transaction TEXT NOT NULL, book TEXT NOT NULL"
            " CHECK (book IN ('balance', 'fees', 'customers')), currency TEXT NOT NULL,"
            " amount INTEGER NOT NULL, available_on INTEGER NOT NULL) STRICT;"
            "CREATE INDEX entries_by_book ON entries"
            " (account, book, currency, available_on, amount);"
            "INSERT INTO entries VALUES (7, 'acct_old', 'txn_old', 'fees', 'eur', 5, 0)"
        )
    async with running(config_in(tmp_path), HandClock(), Endpoint()) as sandbox:
        await sandbox.door("reserves", amount=1_00)
        books = await sandbox.books()

    assert books["currencies"]["eur"]["reserved"] == 1_00
    assert books["connected"]["acct_old"]["currencies"]["eur"]["fees"] == 5
