"""SOUK_HOME: the one directory that holds everything Souk keeps on a developer's machine."""

import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from marketplace_runtime.errors import HomeRefused

MARKER = "souk.lock"
OURS = ("postgres", "valkey", "run", "mail", "logs", "sandbox", "secrets.json")
# A socket's path may have 107 bytes; the longest name in the directory is .s.PGSQL.5432.lock.
LONGEST_SOCKET_DIRECTORY = 80


@dataclass(frozen=True, slots=True)
class Home:
    path: Path

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def valkey(self) -> Path:
        return self.path / "valkey"

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def mail(self) -> Path:
        return self.path / "mail"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def sandbox(self) -> Path:
        return self.path / "sandbox"

    @property
    def sockets(self) -> Path:
        """Where the servers' sockets are: `run`, or a short path when that is too long for one."""
        if len(os.fsencode(self.run)) <= LONGEST_SOCKET_DIRECTORY:
            return self.run
        name = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"souk-{os.geteuid()}-{name}"

    def clear(self) -> None:
        """Start over: remove what Souk put here, and nothing else that may lie beside it."""
        for name in OURS:
            entry = self.path / name
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink(missing_ok=True)
        for unfinished in self.path.glob("postgres.new-*"):
            shutil.rmtree(unfinished)


def open_home(path: Path) -> Home:
    """The home at this path, made where there is none; refuses a directory with foreign files."""
    home = Home(path.expanduser().absolute())
    try:
        home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (home.path / MARKER).exists() and any(home.path.iterdir()):
            raise HomeRefused(
                f"{home.path} holds files that are not Souk's; "
                "set SOUK_HOME to a new or an empty directory."
            )
        (home.path / MARKER).touch(mode=0o600)
        for directory in (home.run, home.logs):
            directory.mkdir(mode=0o700, exist_ok=True)
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        raise HomeRefused(
            f"{home.path} cannot be used for data ({error.strerror}); "
            "set SOUK_HOME to a directory that you may write."
        ) from None
    _make_private(home.sockets)
    return home


@contextmanager
def holding(home: Home) -> Iterator[None]:
    """The home is this process's until the end; refuses when another process has it."""
    lock = os.open(home.path / MARKER, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HomeRefused(
                f"Souk already runs in {home.path} (pid {holder(home)}); "
                "stop it first, or set SOUK_HOME to another directory."
            ) from None
        os.ftruncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
        yield
        os.ftruncate(lock, 0)
    finally:
        os.close(lock)


def holder(home: Home) -> int | None:
    """The process that has this home, none when it is free."""
    lock = os.open(home.path / MARKER, os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        said = os.pread(lock, 20, 0).decode()
        return int(said) if said.isdigit() else 0
    finally:
        os.close(lock)
    return None


def lock_to_hand_down(path: Path) -> int | None:
    """A lock for a server to keep: the kernel frees it when its last process is gone.

    So whoever gets it knows that no server, and no leftover of one, touches the data any more.
    None while there is one. The caller hands the descriptor down and closes its own.
    """
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def still_held(path: Path) -> HomeRefused:
    return HomeRefused(f"A server of an earlier run still holds {path}; stop it and try again.")


def _make_private(directory: Path) -> None:
    """Whoever can reach the sockets is trusted, so nobody else may own or enter the directory."""
    directory.mkdir(mode=0o700, exist_ok=True)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or (os.geteuid() not in {0, found.st_uid}):
        raise HomeRefused(f"{directory} belongs to somebody else; remove it or set SOUK_HOME.")
    directory.chmod(0o700)
