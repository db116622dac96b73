"""The embedded servers for the length of a `with` block: for tests and for single commands.

    with EmbeddedServices(path).running() as services:
        services.ensure_database("souk")
        services.database_url("souk", role="souk_app"), services.redis_url

`souk up` does not use this but the supervisor, which also restarts what dies. Both run the same
servers by the same rules, and nothing outlives the process that called them.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from marketplace_runtime.embedded import databases
from marketplace_runtime.embedded.databases import Role
from marketplace_runtime.embedded.home import (
    Home,
    holding,
    lock_to_hand_down,
    open_home,
    still_held,
)
from marketplace_runtime.embedded.postgres import Postgres
from marketplace_runtime.embedded.servers import Server
from marketplace_runtime.embedded.spawning import options
from marketplace_runtime.embedded.valkey import Valkey
from marketplace_runtime.errors import ServiceRefused

READY_WITHIN_SECONDS = 300.0  # recovery after a crash reads the log back, however long it is
STOPPED_WITHIN_SECONDS = 20.0
LEFTOVERS_WITHIN_SECONDS = 60.0
STARTS = 5


@dataclass(frozen=True)
class RunningServices:
    home: Home
    postgres: Postgres
    valkey: Valkey

    @property
    def redis_url(self) -> str:
        return self.valkey.url

    def database_url(self, name: str, *, role: Role = databases.APP) -> str:
        return databases.database_url(self.postgres, name, role=role)

    def ensure_database(self, name: str, *, template: str | None = None) -> None:
        databases.ensure_database(self.postgres, name, template=template)

    def drop_database(self, name: str) -> None:
        databases.drop_database(self.postgres, name)


@dataclass(frozen=True)
class EmbeddedServices:
    """Call `running` from the main thread: the kernel ties the servers to the thread."""

    path: Path
    durable: bool = True

    @contextmanager
    def running(self) -> Iterator[RunningServices]:
        """PostgreSQL with its roles and Valkey, answering; stopped in order at the end."""
        home = open_home(self.path)
        postgres, valkey = Postgres(home, self.durable), Valkey(home, self.durable)
        with holding(home), ExitStack() as stack:
            for server in (postgres, valkey):
                stack.enter_context(serving(server, log=home.logs / f"{server.name}.log"))
            databases.ensure_roles(postgres)
            yield RunningServices(home, postgres, valkey)


@contextmanager
def serving(server: Server, *, log: Path) -> Iterator[None]:
    """One server, ready; it may need some attempts while leftovers of a dead one go away."""
    process = _started(server, log)
    try:
        yield
    finally:
        process.send_signal(server.stop_signal)
        try:
            process.wait(STOPPED_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _started(server: Server, log: Path) -> subprocess.Popen[bytes]:
    for attempt in range(STARTS):
        process = spawned(server, log)
        if _becomes_ready(server, process):
            return process
        time.sleep(0.1 * 2**attempt)
    last = log.read_text(errors="replace").strip().splitlines()[-3:]
    raise ServiceRefused(f"{server.name} does not start; its log {log} ends: {' / '.join(last)}")


def spawned(server: Server, log: Path) -> subprocess.Popen[bytes]:
    """The server's process, with the lock on its data handed down to it."""
    lock = _lock(server)
    try:
        server.prepare()
        with log.open("ab") as output:
            return subprocess.Popen(
                server.command(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                **options(dies_with=server.stop_signal, keep=(lock,)),
            )
    finally:
        os.close(lock)


def _lock(server: Server) -> int:
    deadline = time.monotonic() + LEFTOVERS_WITHIN_SECONDS
    while (lock := lock_to_hand_down(server.lock)) is None:
        if time.monotonic() > deadline:
            raise still_held(server.lock)
        time.sleep(0.02)
    return lock


def _becomes_ready(server: Server, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            return False
        if server.is_ready():
            return True
        time.sleep(0.02)
    process.kill()
    process.wait()
    return False
