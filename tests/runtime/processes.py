"""Looking at real processes from outside, as a person with `ps` would."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHONPATH = f"{ROOT / 'platform'}:{ROOT}"


def of_home(home: Path) -> dict[int, str]:
    """Living processes that name this directory or work in or for it: pid and command line."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            inside = (process / "cwd").readlink().is_relative_to(home)
            inside |= f"SOUK_HOME={home}\0".encode() in (process / "environ").read_bytes()
        except OSError:
            continue
        # A zombie has no command line any more: it is gone but for its name.
        if command and (inside or str(home) in command):
            found[int(process.name)] = command
    return found


def the_one(home: Path, program: str) -> int:
    """The pid of the server itself, not of one of its workers."""
    (pid,) = [
        pid
        for pid, command in of_home(home).items()
        if Path(command.split()[0]).name == program and str(home) in command
    ]
    return pid


def eventually(holds: Callable[[], bool], *, seconds: float = 15.0) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def holder(
    home: Path, *prefix: str, **environment: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process that runs the embedded services, and its first line: ready, or none.

    It goes on until its input is closed.
    """
    with subprocess.Popen(
        [*prefix, sys.executable, str(ROOT / "tests/runtime/holder.py"), str(home)],
        env={"PYTHONPATH": PYTHONPATH, "PATH": "/usr/bin:/bin", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline()


def refusal(home: Path, **environment: str) -> str:
    """What such a process says when it refuses; it exits with 1 and without a traceback."""
    with holder(home, **environment) as (process, first_line):
        _, said = process.communicate()
    assert (first_line, process.returncode) == ("", 1), said
    assert "Traceback" not in said, said
    return said


def of_parent(parent: int) -> dict[int, str]:
    """Its living children: pid and command line."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            stat = (process / "stat").read_text().rpartition(")")[2].split()
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if int(stat[1]) == parent and command:
            found[int(process.name)] = command
    return found
