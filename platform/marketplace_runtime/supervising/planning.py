"""What `souk up` will run: everything the environment does not already name."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from marketplace_runtime.embedded import databases
from marketplace_runtime.embedded.home import Home
from marketplace_runtime.embedded.postgres import Postgres
from marketplace_runtime.embedded.valkey import Valkey
from marketplace_runtime.errors import RuntimeRefusal
from marketplace_runtime.settings import PREFIX, Settings, read_settings
from marketplace_runtime.supervising.minting import secrets_of
from marketplace_runtime.supervising.ports import Listening, listen

DATABASE = "souk"
WEB_PORT, SANDBOX_PORT, MAILBOX_PORT = 8000, 8001, 8025
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}


@dataclass(frozen=True)
class Ports:
    """The sandbox's and the mailbox's are none where the environment names another service."""

    web: Listening
    sandbox: Listening | None
    mailbox: Listening | None


@dataclass(frozen=True)
class Plan:
    """`environment` is what the children get; `settings` is how they will read it."""

    home: Home
    ports: Ports
    postgres: Postgres | None
    valkey: Valkey | None
    environment: Mapping[str, str] = field(repr=False)
    settings: Settings = field(repr=False)


@contextmanager
def planned(
    home: Home, *, host: str, port: int | None, environment: Mapping[str, str]
) -> Iterator[Plan]:
    """Listen on ports and name addresses; refuses a taken port that was asked for, and production.

    The ports are given back at the end.
    """
    given = {name: value for name, value in environment.items() if value}
    if given.get("SOUK_ENV") == "production":
        raise RuntimeRefusal(
            "`souk up` runs a marketplace for development; in production run `souk migrate`, "
            "`souk web` and `souk worker` against services of your own."
        )
    with ExitStack() as stack:
        ports = _ports(stack, host, port, given)
        children = embedded_environment(
            home,
            given=given,
            host=host,
            web_port=ports.web.port,
            sandbox_port=ports.sandbox.port if ports.sandbox else SANDBOX_PORT,
            mailbox_port=ports.mailbox.port if ports.mailbox else MAILBOX_PORT,
        )
        postgres = None if "SOUK_DATABASE_URL" in given else Postgres(home)
        valkey = None if "SOUK_REDIS_URL" in given else Valkey(home)
        yield Plan(home, ports, postgres, valkey, children, read_settings(children))


def embedded_environment(
    home: Home,
    *,
    given: Mapping[str, str],
    host: str = "127.0.0.1",
    web_port: int = WEB_PORT,
    sandbox_port: int = SANDBOX_PORT,
    mailbox_port: int = MAILBOX_PORT,
) -> dict[str, str]:
    """What a child process is told: the services of this home, except what is given already."""
    here, minted = local(host), secrets_of(home)
    stripe = {
        "SOUK_STRIPE_API_KEY": minted.stripe_api_key,
        "SOUK_STRIPE_API_BASE": f"http://{here}:{sandbox_port}",
        "SOUK_STRIPE_WEBHOOK_SECRET": minted.stripe_webhook_secret,
    }
    return {
        "SOUK_BASE_URL": f"http://{here}:{web_port}",
        "SOUK_SECRET_KEY": minted.secret_key,
        "SOUK_SMTP_URL": f"smtp://{here}:{mailbox_port}",
        "SOUK_REDIS_URL": Valkey(home).url,
        # A key of one's own is for the real Stripe, or for what SOUK_STRIPE_API_BASE names.
        **({} if "SOUK_STRIPE_API_KEY" in given else stripe),
        # Never one's own application role beside our owner's.
        **({} if "SOUK_DATABASE_URL" in given else database_settings(Postgres(home), DATABASE)),
        **given,
        "SOUK_HOME": str(home.path),
        "SOUK_HOST": host,
        "SOUK_PORT": str(web_port),
        "PYTHONUNBUFFERED": "1",
    }


def local(host: str) -> str:
    """The host to reach something under that listens here."""
    return EVERYWHERE.get(host, host)


def database_settings(postgres: Postgres, database: str) -> dict[str, str]:
    """The variables that name one embedded database to a child process."""
    return {
        "SOUK_DATABASE_URL": databases.database_url(postgres, database, role=databases.APP),
        "SOUK_OWNER_DATABASE_URL": databases.database_url(postgres, database, role=databases.OWNER),
    }


def remember(plan: Plan) -> None:
    """Let commands in another terminal find the services of this home."""
    said = {name: value for name, value in plan.environment.items() if name.startswith(PREFIX)}
    path = environment_file(plan.home)
    path.touch(mode=0o600)
    path.write_text(json.dumps(said, indent=2))


def remembered(home: Home) -> dict[str, str]:
    found: dict[str, str] = json.loads(environment_file(home).read_text())
    return found


def environment_file(home: Home) -> Path:
    return home.run / "environment.json"


def _ports(stack: ExitStack, host: str, asked: int | None, given: Mapping[str, str]) -> Ports:
    def held(what: str, usual: int, asked: int | None = None) -> Listening:
        listening = listen(what, host=host, usual=usual, asked=asked)
        stack.callback(listening.socket.close)
        return listening

    return Ports(
        web=held("the web", WEB_PORT, asked),
        sandbox=None
        if "SOUK_STRIPE_API_KEY" in given
        else held("the Stripe sandbox", SANDBOX_PORT),
        mailbox=None if "SOUK_SMTP_URL" in given else held("the mailbox", MAILBOX_PORT),
    )
