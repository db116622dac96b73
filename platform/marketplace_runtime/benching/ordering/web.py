"""The web processes that are measured, as `souk web` runs them, and what they and others cost."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from marketplace_runtime.benching.databases import Bench
from marketplace_runtime.embedded.spawning import options
from marketplace_runtime.errors import ServiceRefused
from marketplace_runtime.replaying.stripe_process import KEY, StripeProcess

STARTS_WITHIN_SECONDS = 60
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Servers:
    """A port for each of the web processes, as behind a proxy that shares connections out."""

    ports: Sequence[int]
    web: Sequence[int]
    postgres: int
    stripe: int

    def cpu_seconds(self) -> dict[str, float]:
        """Of each part since it started: web, PostgreSQL with all its connections, the sandbox."""
        return {
            "web": sum(_cpu(pid) for pid in self.web),
            "postgres": _cpu(self.postgres) + sum(_cpu(pid) for pid in _children(self.postgres)),
            "sandbox": _cpu(self.stripe),
        }


@contextmanager
def serving(bench: Bench, stripe: StripeProcess, processes: int) -> Iterator[Servers]:
    """Call it from the main thread: the kernel ties the processes to the thread."""
    environment = _environment(bench, stripe)
    doors = [_listening() for _ in range(processes)]
    ports = [door.getsockname()[1] for door in doors]
    path = bench.home.logs / "bench-web.log"
    with path.open("ab") as log, ExitStack() as handed_down:
        for door in doors:
            handed_down.enter_context(door)
        started = [_started(door, environment, log.fileno()) for door in doors]
    try:
        _wait_until_ready(ports, started, path)
        postmaster = int((bench.postgres.data / "postmaster.pid").read_text().split("\n", 1)[0])
        yield Servers(ports, [one.pid for one in started], postmaster, stripe.process.pid)
    finally:
        for one in started:
            one.terminate()
        for one in started:
            one.wait()


def _listening() -> socket.socket:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(1024)
    return listening


def _environment(bench: Bench, stripe: StripeProcess) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name[:5] != "SOUK_"}
    return inherited | {
        "SOUK_DATABASE_URL": bench.url,
        "SOUK_REDIS_URL": "redis://127.0.0.1:1/0",  # the doors measured here do not use it
        "SOUK_SECRET_KEY": os.urandom(32).hex(),
        "SOUK_STRIPE_API_KEY": KEY,
        "SOUK_STRIPE_API_BASE": stripe.url,
        "SOUK_STRIPE_WEBHOOK_SECRET": "whsec_bench",
        "SOUK_SMTP_URL": "smtp://127.0.0.1:1",
        "SOUK_HOME": str(bench.home.path),
        "SOUK_POOL_SIZE": "16",
    }


def _started(
    listening: socket.socket, environment: dict[str, str], log: int
) -> subprocess.Popen[bytes]:
    descriptor = listening.fileno()
    return subprocess.Popen(
        [sys.executable, "-m", "marketplace_runtime", "web", f"--descriptor={descriptor}"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        **options(dies_with=signal.SIGTERM, keep=(descriptor,)),
    )


def _wait_until_ready(
    ports: Sequence[int], started: Sequence[subprocess.Popen[bytes]], log: Path
) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    for port in ports:
        while not _answers(port):
            if any(one.poll() is not None for one in started) or time.monotonic() > deadline:
                raise ServiceRefused(f"`souk web` did not start; see {log}.")
            time.sleep(0.1)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _cpu(pid: int) -> float:
    """User and system time of a process and of its children that have ended, in seconds."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    fields = said.rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / _TICKS


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in tasks.read_text().split()] if tasks.exists() else []
