"""PostgreSQL in SOUK_HOME: made once, reached by a socket only its owner can enter."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from marketplace_runtime.embedded.binaries import POSTGRES_MAJOR, find_postgres
from marketplace_runtime.embedded.home import Home
from marketplace_runtime.embedded.identity import Identity, unprivileged
from marketplace_runtime.errors import ServiceRefused

# What differs from PostgreSQL's own defaults.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",  # compiling costs more than it saves on statements as short as ours
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_min_duration_statement": "5s",
}
# Only for data that may be lost with the machine: tests.
FAST_AND_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "5min",
}


@dataclass(frozen=True)
class Postgres:
    """Made for one home; `durable=False` trades the promise of fsync for speed."""

    home: Home
    durable: bool = True

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": open transactions are rolled back, nothing is waited for

    @cached_property
    def binaries(self) -> Path:
        return find_postgres(os.environ.get("SOUK_PGBIN") or None)

    @cached_property
    def identity(self) -> Identity:
        return unprivileged(reaching=[self.home.path, self.binaries / "postgres"])

    @property
    def data(self) -> Path:
        return self.home.postgres

    @property
    def lock(self) -> Path:
        return self.home.run / "postgres.lock"

    def prepare(self) -> None:
        if self.identity.owner is not None:
            self.home.path.chmod(0o711)
        self.identity.give(self.home.sockets)
        if not self.data.exists():
            self._make()
        self._refuse_another_major()
        self._forget_a_dead_server()

    def command(self) -> list[str]:
        settings = SETTINGS | ({} if self.durable else FAST_AND_FORGETFUL)
        settings["unix_socket_directories"] = str(self.home.sockets)
        arguments = [f"--{name}={value}" for name, value in settings.items()]
        return self.identity.command([self.binaries / "postgres", "-D", self.data, *arguments])

    def is_ready(self) -> bool:
        asked: list[str | Path] = [self.binaries / "pg_isready", "-q", "-t", "2"]
        asked += ["-h", self.home.sockets, "-d", "postgres", "-U", "postgres"]
        return subprocess.run(asked, check=False).returncode == 0

    def _make(self) -> None:
        """Under another name until it is whole, so that a half-made one is never taken for data."""
        for unfinished in self.home.path.glob("postgres.new-*"):
            shutil.rmtree(unfinished)
        unfinished = self.home.path / f"postgres.new-{os.getpid()}"
        unfinished.mkdir(mode=0o700)
        self.identity.give(unfinished)
        initdb: list[str | Path] = [
            self.binaries / "initdb", "-D", unfinished, "-U", "postgres",
            "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions",
            *([] if self.durable else ["--no-sync"]),
        ]  # fmt: skip
        done = subprocess.run(
            self.identity.command(initdb), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            shutil.rmtree(unfinished)
            said = " ".join((done.stderr or done.stdout).split())
            raise ServiceRefused(f"PostgreSQL's data could not be made in {self.data}: {said}")
        unfinished.rename(self.data)

    def _refuse_another_major(self) -> None:
        try:
            major = (self.data / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise ServiceRefused(
                f"{self.data} is not PostgreSQL's data or not yours ({error.strerror}); "
                "`souk up --fresh` starts over without it."
            ) from None
        if major != str(POSTGRES_MAJOR):
            raise ServiceRefused(
                f"{self.data} was made by PostgreSQL {major}, and Souk runs {POSTGRES_MAJOR}; "
                "`souk up --fresh` starts over without it."
            )

    def _forget_a_dead_server(self) -> None:
        """A pid file whose pid another program has by now would stop PostgreSQL from starting.

        The lock says that no server we started is left; one started by hand is left alone.
        """
        pid_file = self.data / "postmaster.pid"
        try:
            first = pid_file.read_text().split("\n", 1)[0]
        except FileNotFoundError:
            return
        if first.isdigit() and self._is_a_server_here(int(first)):
            raise ServiceRefused(
                f"A PostgreSQL that Souk did not start (pid {first}) runs in {self.data}; stop it."
            )
        pid_file.unlink()

    def _is_a_server_here(self, pid: int) -> bool:
        process = Path("/proc") / str(pid)
        try:
            program = (process / "exe").readlink().name
            return program == "postgres" and (process / "cwd").samefile(self.data)
        except OSError:
            # Gone, a zombie, or not ours to look at: no server of this directory.
            return False
