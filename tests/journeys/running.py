"""A whole marketplace as a person runs it: `souk up`, in a process and a home of its own."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from marketplace_runtime.embedded.home import Home
from marketplace_runtime.supervising import planning
from tests.runtime import processes

PATIENCE = 90.0  # seconds a start or an end may take where others work beside it
# Proxies are for the world outside this machine.
ENVIRONMENT = {
    **{
        name: value
        for name, value in os.environ.items()
        if name == "SOUK_PGBIN" or not (name.startswith("SOUK_") or name.lower().endswith("_proxy"))
    },
    "PYTHONPATH": processes.PYTHONPATH,
}


@dataclass
class Marketplace:
    """One home and whoever runs it. `host` is an address of this machine that is its alone,
    so that any number of them keep the usual ports."""

    home: Path
    host: str
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Returns once it says that it is ready."""
        said = self.home.parent / "said"
        with said.open("wb") as output:
            self._process = subprocess.Popen(
                [*_SOUK, "up", "--host", self.host],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        process = self._process

        def is_ready() -> bool:
            assert process.poll() is None, said.read_text()
            return "\nready: " in said.read_text()

        assert processes.eventually(is_ready, seconds=PATIENCE), said.read_text()

    def stop(self) -> None:
        """As with Ctrl-C; nothing of it is left."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """The supervisor alone, with no chance to end anything; its parts follow by themselves."""
        self._end(signal.SIGKILL)

    def _end(self, by: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(by)
        self._process.wait(PATIENCE)
        self._process = None
        assert processes.eventually(lambda: not processes.of_home(self.home), seconds=PATIENCE)

    @property
    def is_running(self) -> bool:
        return self._process is not None

    @property
    def environment(self) -> dict[str, str]:
        return {**ENVIRONMENT, "SOUK_HOME": str(self.home)}

    @property
    def settings(self) -> dict[str, str]:
        """What its parts are told, by the names of the environment."""
        return planning.remembered(Home(self.home))

    @property
    def address(self) -> str:
        return self.settings["SOUK_BASE_URL"]

    @property
    def sandbox(self) -> str:
        return self.settings["SOUK_STRIPE_API_BASE"]

    def pid(self, part: str) -> int:
        """The process of web, worker, sandbox, mailbox, valkey or postgres."""
        if part == "postgres":
            return int((self.home / "postgres" / "postmaster.pid").read_text().split()[0])
        if part == "valkey":
            return processes.the_one(self.home, "valkey-server")
        assert self._process is not None
        found = [
            child
            for child in _children(self._process.pid)
            if f"-m marketplace_runtime {part}" in _command(child)
        ]
        assert len(found) == 1, (part, found)
        return found[0]

    def check(self) -> subprocess.CompletedProcess[str]:
        """`souk check`, beside everything that runs."""
        return subprocess.run(
            [*_SOUK, "check"],
            env=self.environment, capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip

    async def rows(self, query: str, *arguments: object) -> list[Any]:
        """What is in the database, asked by the owner of its tables, who sees all of it."""
        connection = await asyncpg.connect(self.settings["SOUK_OWNER_DATABASE_URL"])
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    async def value(self, query: str, *arguments: object) -> Any:
        """The one field of the one row."""
        [[value]] = await self.rows(query, *arguments)
        return value


_SOUK: Sequence[str] = (sys.executable, "-m", "marketplace_runtime")


@contextmanager
def a_marketplace() -> Iterator[Marketplace]:
    """Up until the end of the block, then ended as with Ctrl-C; its data goes with it."""
    directory = Path(tempfile.mkdtemp(prefix="souk-"))
    host = "127." + ".".join(str(1 + secrets.randbelow(254)) for _ in range(3))
    marketplace = Marketplace(directory / "home", host)
    try:
        marketplace.start()
        yield marketplace
    finally:
        if marketplace.is_running:
            marketplace.stop()
        shutil.rmtree(directory)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
