"""The services of docker-compose.yml without an engine: servers of their own, found by TCP, with
passwords, and each of our processes with exactly the command and settings that the file gives it.

What is a host name there is an address of this machine's loopback here.
"""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM, Signals

import httpx

from marketplace_runtime.embedded.binaries import find_valkey
from marketplace_runtime.embedded.home import Home
from marketplace_runtime.embedded.postgres import FAST_AND_FORGETFUL, Postgres
from marketplace_runtime.embedded.spawning import options
from tests.runtime import compose, processes

GIVEN = compose.environment_file(".env.demo")
PATIENCE = 60.0
NOTHING_FROM_OUTSIDE = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("SOUK_", "PG")) and not name.lower().endswith("_proxy")
}


@dataclass(frozen=True)
class RealServices:
    """`hosts` are the file's host names, each with its address here; logs lie in `directory`."""

    directory: Path
    hosts: Mapping[str, str]

    def environment(self, service: str, **changes: str) -> dict[str, str]:
        given = compose.services(given=GIVEN)[service]["environment"]
        settings = {name: self._here(value) for name, value in given.items()}
        settings["SOUK_HOST"] = self.hosts.get(service, "127.0.0.1")
        settings["SOUK_HOME"] = str(self.directory / f"home-{service}")
        return {
            **NOTHING_FROM_OUTSIDE, "PYTHONPATH": processes.PYTHONPATH, **settings, **changes,
        }  # fmt: skip

    def command(self, service: str) -> list[str]:
        souk, *arguments = compose.services(given=GIVEN)[service]["command"]
        assert souk == "souk"
        return [sys.executable, "-m", "marketplace_runtime", *arguments]

    def run(self, service: str) -> str:
        """One that ends; what it said."""
        return self._done(service, self.command(service))

    def run_health_check(self, service: str) -> None:
        """As the engine does beside the running process."""
        how, python, *arguments = compose.services(given=GIVEN)[service]["healthcheck"]["test"]
        assert (how, python) == ("CMD", "python")
        self._done(service, [sys.executable, *arguments])

    def _done(self, service: str, command: Sequence[str]) -> str:
        done = subprocess.run(
            command,
            env=self.environment(service), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def running(self, service: str, **changes: str) -> Iterator[subprocess.Popen[bytes]]:
        """One that stays; at the end it gets the signal that a container engine sends."""
        log = self.directory / f"{service}-{secrets.token_hex(2)}.log"
        environment = self.environment(service, **changes)
        with _process(self.command(service), log, environment=environment) as process:
            yield process

    def _here(self, value: str) -> str:
        for name, address in self.hosts.items():
            value = value.replace(f"//{name}:", f"//{address}:").replace(
                f"@{name}:", f"@{address}:"
            )
        return value


@contextmanager
def real_services() -> Iterator[RealServices]:
    """PostgreSQL, prepared by the script that its image would run, and Valkey."""
    directory = Path(tempfile.mkdtemp(prefix="souk-real-"))
    subnet = "127." + ".".join(str(1 + secrets.randbelow(254)) for _ in range(2))
    names = ("postgres", "valkey", "web", "second-web", "sandbox", "mailbox")
    hosts = {name: f"{subnet}.{number}" for number, name in enumerate(names, start=1)}
    here = RealServices(directory, hosts)
    try:
        with _postgres(directory, hosts["postgres"]), _valkey(directory, hosts["valkey"]):
            yield here
    finally:
        shutil.rmtree(directory)


@contextmanager
def _postgres(directory: Path, address: str) -> Iterator[None]:
    server = Postgres(Home(directory))
    data = directory / "postgres"
    data.mkdir(mode=0o700)
    directory.chmod(0o711 if server.identity.owner is not None else 0o700)
    server.identity.give(data)
    initdb = ["--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync", "-U", "postgres"]
    wanted = compose.services(given=GIVEN)["postgres"]["environment"]
    initdb += wanted["POSTGRES_INITDB_ARGS"].split()
    subprocess.run(
        server.identity.command([server.binaries / "initdb", "-D", data, *initdb]),
        check=True, capture_output=True,
    )  # fmt: skip
    settings = {**FAST_AND_FORGETFUL, "listen_addresses": address, "port": "5432"}
    settings["unix_socket_directories"] = str(data)
    command: list[str | Path] = [server.binaries / "postgres", "-D", data]
    command += [f"--{name}={value}" for name, value in settings.items()]
    log = directory / "postgres.log"
    with _process(server.identity.command(command), log, end=SIGINT):
        ready: list[str | Path] = [
            server.binaries / "pg_isready",
            "-q",
            "-h",
            address,
            "-d",
            "postgres",
        ]
        assert processes.eventually(lambda: subprocess.run(ready, check=False).returncode == 0)
        path = f"{server.binaries}:{os.environ['PATH']}"
        subprocess.run(
            [compose.ROOT / "deploy" / "postgres-roles.sh"],
            env={**NOTHING_FROM_OUTSIDE, **wanted, "PATH": path, "PGHOST": str(data)},
            check=True, capture_output=True,
        )  # fmt: skip
        yield


@contextmanager
def _valkey(directory: Path, address: str) -> Iterator[None]:
    program, *arguments = compose.services(given=GIVEN)["valkey"]["command"]
    assert program == "valkey-server"
    command = [str(find_valkey()), *arguments, "--bind", address, "--dir", str(directory)]
    command += ["--protected-mode", "no"]
    with _process(command, directory / "valkey.log"):
        yield


@contextmanager
def _process(
    command: Sequence[str],
    log: Path,
    *,
    environment: Mapping[str, str] = NOTHING_FROM_OUTSIDE,
    end: Signals = SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            **options(dies_with=SIGKILL),
        )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(end)
        process.wait(PATIENCE)


def answers(address: str) -> bool:
    try:
        return httpx.get(address, trust_env=False).is_success
    except httpx.HTTPError:
        return False
