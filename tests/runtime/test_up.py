"""`souk up` as a person uses it: a real process, all its parts, real signals."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.runtime import processes
from tests.runtime.test_planning import taken

PARTS = ("web", "worker", "sandbox", "mailbox")


@dataclass
class Up:
    home: Path
    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def until_ready(self) -> dict[str, str]:
        """The addresses of the last line: by their names."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            if line.startswith("ready: "):
                named = line.removeprefix("ready: ").strip().split(" · ")
                return {name: url for name, _, url in (entry.rpartition(" ") for entry in named)}
        raise AssertionError("\n".join(self.said))

    def until_it_says(self, words: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            if words in line:
                return
        raise AssertionError("\n".join(self.said))

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        assert self.process.stdout is not None
        self.said += self.process.stdout.read().splitlines()
        return self.process.wait()

    def pid(self, part: str) -> int | None:
        """Of a Python part by its command, of a server by its program."""
        for pid, command in processes.of_parent(self.process.pid).items():
            words = command.split()
            if part in words or Path(words[0]).name == part:
                return pid
        return None

    def kill(self, part: str) -> None:
        """By -9; another one must take its place."""
        victim = self.pid(part)
        assert victim is not None, part
        os.kill(victim, signal.SIGKILL)
        self.until_it_says("was ended by SIGKILL; again in")
        assert processes.eventually(lambda: self.pid(part) not in {None, victim}), part


@contextmanager
def up(home: Path, *arguments: str) -> Iterator[Up]:
    with subprocess.Popen(
        [sys.executable, "-m", "marketplace_runtime", "up", *arguments],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": processes.PYTHONPATH,
            "SOUK_HOME": str(home),
            "COLUMNS": "300",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield Up(home, process)
        finally:
            process.kill()


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def base_of(addresses: dict[str, str]) -> str:
    return addresses["storefront API"].removesuffix("/graphql")


def test_a_marketplace_comes_up_alone_in_its_home_survives_every_death_and_ends_in_order(
    home: Path,
) -> None:
    with up(home) as souk:
        base = base_of(souk.until_ready())
        assert answers(base)
        assert any(re.match(r"sign in +vendor portal +\S+@\S+", line) for line in souk.said)

        with up(home) as second:
            said = second.process.communicate()[0]
        assert second.process.returncode == 1
        assert said == (
            f"souk: Souk already runs in {home} (pid {souk.process.pid}); "
            "stop it first, or set SOUK_HOME to another directory.\n"
        )

        for part in (*PARTS, "postgres", "valkey-server"):
            souk.kill(part)
            assert processes.eventually(lambda: answers(base)), part

        assert souk.end(signal.SIGINT) == 0
        assert processes.of_home(home) == {}


def test_what_was_killed_continues_at_the_next_start_and_fresh_starts_over(home: Path) -> None:
    with up(home) as killed:
        killed.until_ready()
        killed.process.kill()

    with up(home) as continued:
        continued.until_ready()
        assert continued.end(signal.SIGTERM) == 0

    with up(home, "--fresh") as fresh:
        fresh.until_ready()

    planted = ["planted the demo marketplace" in souk.said for souk in (killed, continued, fresh)]
    assert planted == [True, False, True]


def test_two_run_side_by_side_each_on_ports_of_its_own(home: Path) -> None:
    with up(home / "one") as one, up(home / "two") as two:
        bases = {base_of(one.until_ready()), base_of(two.until_ready())}

        assert len(bases) == 2
        assert all(map(answers, bases))
        moved = [line for line in one.said + two.said if re.match(r"port \d+ is taken: web", line)]
        assert moved


def test_a_port_that_is_taken_is_refused_where_it_was_asked_for(home: Path) -> None:
    with taken() as port, up(home, "--port", str(port)) as souk:
        said = souk.process.communicate()[0]

    assert souk.process.returncode == 1
    assert said.startswith(f"souk: Port {port} on 127.0.0.1 is taken")


def test_an_end_asked_for_while_it_still_starts_is_heard(home: Path) -> None:
    with up(home) as souk:
        souk.until_it_says("migrate")
        asked_at = time.monotonic()
        assert souk.end(signal.SIGINT) == 0
        assert processes.of_home(home) == {}

    assert time.monotonic() - asked_at < 30
