"""Databases and the two roles of DESIGN: one owns the tables, the other one works with the rows."""

import re
import subprocess
from typing import Final, Literal
from urllib.parse import quote

from marketplace_runtime.embedded.postgres import Postgres
from marketplace_runtime.errors import ServiceRefused

OWNER: Final = "souk_owner"
APP: Final = "souk_app"
SUPERUSER: Final = "postgres"
Role = Literal["souk_owner", "souk_app", "postgres"]

# The application cannot change tables, nor step around row-level security, whatever it is told.
ROLES = "\n".join(
    f"""DO $$ BEGIN
        CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    EXCEPTION WHEN duplicate_object THEN NULL; END $$;"""
    for role in (OWNER, APP)
)


def ensure_roles(postgres: Postgres) -> None:
    _run(postgres, ROLES)


def ensure_database(postgres: Postgres, name: str, *, template: str | None = None) -> None:
    """A database of this name, owned by the owner role; one that exists stays as it is.

    With a template it begins as a copy of that one, which nobody may be connected to.
    """
    assert re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name), name
    copied = f" TEMPLATE {template} STRATEGY file_copy" if template else ""
    _run(
        postgres,
        f"""SELECT 'CREATE DATABASE {name} OWNER {OWNER}{copied}'
            WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{name}') \\gexec
        REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO {APP};""",
    )


def require_database(postgres: Postgres, name: str) -> None:
    """Refuses the name of a database that is not there, and says which are."""
    known = database_names(postgres)
    if name not in known:
        said = ", ".join(known) or "none yet"
        raise ServiceRefused(f"The embedded server has no database {name!r}; it has {said}.")


def database_names(postgres: Postgres) -> list[str]:
    """Those of ours, by name."""
    known = _run(postgres, "SELECT datname FROM pg_database WHERE NOT datistemplate;").split()
    return sorted(set(known) - {"postgres"})


def drop_database(postgres: Postgres, name: str) -> None:
    """Gone with whoever is connected to it; nothing happens where there is none."""
    assert re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name), name
    _run(postgres, f"DROP DATABASE IF EXISTS {name} WITH (FORCE);")


def database_url(postgres: Postgres, name: str, *, role: Role = APP) -> str:
    """An address for asyncpg and Tortoise; the socket's directory is the host."""
    return f"postgres://{role}@/{name}?host={quote(str(postgres.home.sockets), safe='/')}"


def _run(postgres: Postgres, statement: str) -> str:
    """psql, so that this works whether or not an event loop runs here."""
    # Each statement on its own: CREATE DATABASE refuses to share an implicit transaction.
    done = subprocess.run(
        [
            postgres.binaries / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
            "-h", postgres.home.sockets, "-U", SUPERUSER, "-d", "postgres",
        ],
        input=statement, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise ServiceRefused(f"PostgreSQL refused to prepare a database: {done.stderr.strip()}")
    return done.stdout.strip()
