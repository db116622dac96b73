"""The ORM's configuration, for the application and for its migrations."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tortoise import Tortoise

from marketplace.db import MODELS


def config(database_url: str, *, pool_size: int = 20, is_durable: bool = True) -> dict[str, Any]:
    """Tortoise's configuration for a PostgreSQL address.

    `?host=/dir` names a unix socket, `?sslmode=` means what it does to libpq; what a user's name
    or password may not hold in an address is percent-encoded.
    """
    parts = urlsplit(database_url)
    query = parse_qs(parts.query)
    credentials: dict[str, Any] = {
        "user": parts.username and unquote(parts.username),
        "password": parts.password and unquote(parts.password),
        "host": query.get("host", [parts.hostname])[0],
        "port": parts.port or int(query.get("port", ["5432"])[0]),
        "database": unquote(parts.path.removeprefix("/")),
        "minsize": 1,
        "maxsize": pool_size,
        "command_timeout": 60,
        "reset": _leave_as_it_is,
        "server_settings": {
            "application_name": "souk",
            "timezone": "UTC",
            "lock_timeout": "10s",
            "idle_in_transaction_session_timeout": "60s",
            # To weigh one the planner looks for both ends of both indexes, in up to 100 pages
            # each: more than most statements read.
            "enable_mergejoin": "off",
        },
    }
    if not is_durable:
        credentials["server_settings"]["synchronous_commit"] = "off"
    if "sslmode" in query:
        credentials["ssl"] = query["sslmode"][0]
    return {
        "connections": {
            "default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}
        },
        "apps": {
            app: {
                "models": models,
                "migrations": f"{app}.migrations",
                "default_connection": "default",
            }
            for app, models in MODELS.items()
        },
        "use_tz": True,
        "timezone": "UTC",
    }


async def _leave_as_it_is(connection: Any) -> None:
    """What is set here is set for one transaction, so a connection comes back as it went.

    The driver would send a RESET after every use, a round trip of its own.
    """


@asynccontextmanager
async def connected(
    database_url: str, *, pool_size: int = 20, is_durable: bool = True
) -> AsyncIterator[None]:
    """The ORM for the time of this block, for every task that starts within it.

    Without durability a commit is not waited for: a power failure may take the last ones back.
    """
    asked = config(database_url, pool_size=pool_size, is_durable=is_durable)
    await Tortoise.init(config=asked, _enable_global_fallback=True)
    try:
        yield
    finally:
        await Tortoise.close_connections()
