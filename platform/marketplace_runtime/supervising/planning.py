"""What `souk up` will run: everything the environment does not already name."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from marketplace_runtime.embedded import databases
from marketplace_runtime.embedded.home import Home
from marketplace_runtime.embedded.postgres import Postgres
from marketplace_runtime.embedded.valkey import Valkey
from marketplace_runtime.errors import RuntimeRefusal
from marketplace_runtime.settings import PREFIX, Settings, read_settings
from marketplace_runtime.supervising.minting import secrets_of
from marketplace_runtime.supervising.ports import Choice, choose

DATABASE = "souk"
WEB_PORT, SANDBOX_PORT, MAILBOX_PORT = 8000, 8001, 8025
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}


@dataclass(frozen=True)
class Ports:
    """The sandbox's and the mailbox's are none where the environment names another service."""

    web: Choice
    sandbox: Choice | None
    mailbox: Choice | None


@dataclass(frozen=True)
class Plan:
    """`environment` is what the children get; `settings` is how they will read it."""

    home: Home
    ports: Ports
    postgres: Postgres | None
    valkey: Valkey | None
    environment: Mapping[str, str] = field(repr=False)
    settings: Settings = field(repr=False)


def planned(home: Home, *, host: str, port: int | None, environment: Mapping[str, str]) -> Plan:
    """Choose ports and addresses; refuses a taken port that was asked for, and production."""
    given = {name: value for name, value in environment.items() if value}
    if given.get("SOUK_ENV") == "production":
        raise RuntimeRefusal(
            "`souk up` runs a marketplace for development; in production run `souk migrate`, "
            "`souk web` and `souk worker` against services of your own."
        )
    ports = _ports(host, port, given)
    postgres = None if "SOUK_DATABASE_URL" in given else Postgres(home)
    valkey = None if "SOUK_REDIS_URL" in given else Valkey(home)
    children = {
        **_supplied(home, host, ports),
        **({} if postgres is None else database_settings(postgres, DATABASE)),
        **({} if valkey is None else {"SOUK_REDIS_URL": valkey.url}),
        **given,
        "SOUK_HOME": str(home.path),
        "SOUK_HOST": host,
        "SOUK_PORT": str(ports.web.port),
        "PYTHONUNBUFFERED": "1",
    }
    return Plan(home, ports, postgres, valkey, children, read_settings(children))


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


def _ports(host: str, asked: int | None, given: Mapping[str, str]) -> Ports:
    web = choose("the web", host=host, usual=WEB_PORT, asked=asked)
    sandbox = mailbox = None
    if "SOUK_STRIPE_API_KEY" not in given:
        sandbox = choose(
            "the Stripe sandbox", host=host, usual=SANDBOX_PORT, but=frozenset({web.port})
        )
    if "SOUK_SMTP_URL" not in given:
        taken = {web.port} | ({sandbox.port} if sandbox else set())
        mailbox = choose("the mailbox", host=host, usual=MAILBOX_PORT, but=frozenset(taken))
    return Ports(web, sandbox, mailbox)


def _supplied(home: Home, host: str, ports: Ports) -> dict[str, str]:
    here = EVERYWHERE.get(host, host)
    minted = secrets_of(home)
    supplied = {
        "SOUK_BASE_URL": f"http://{here}:{ports.web.port}",
        "SOUK_SECRET_KEY": minted.secret_key,
    }
    if ports.mailbox is not None:
        supplied["SOUK_SMTP_URL"] = f"smtp://{here}:{ports.mailbox.port}"
    if ports.sandbox is not None:
        supplied |= {
            "SOUK_STRIPE_API_KEY": minted.stripe_api_key,
            "SOUK_STRIPE_API_BASE": f"http://{here}:{ports.sandbox.port}",
            "SOUK_STRIPE_WEBHOOK_SECRET": minted.stripe_webhook_secret,
        }
    return supplied
