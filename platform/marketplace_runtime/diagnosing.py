"""Is everything as Souk needs it? Each finding says what is so and, if bad, what to do about it."""

import pkgutil
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosmtplib
import asyncpg
import httpx
import redis.asyncio
from redis.exceptions import RedisError

from marketplace.db import MODELS
from marketplace.kit import clock
from marketplace_runtime.embedded.binaries import find_postgres, find_valkey, postgres_version
from marketplace_runtime.errors import ServiceRefused
from marketplace_runtime.settings import PREFIX, Settings, variable
from marketplace_runtime.supervising.planning import MAILBOX_PORT, SANDBOX_PORT, WEB_PORT
from marketplace_runtime.supervising.ports import is_free

ELSEWHERE = {"SOUK_PGBIN", "SOUK_REQUIRE_ALL"}
ENOUGH_DISK_BYTES = 1_000_000_000

RIGHTS = """
    SELECT rolsuper OR rolbypassrls AS bypasses,
           has_schema_privilege('public', 'CREATE') AS makes_tables,
           EXISTS (SELECT FROM pg_class WHERE relowner = r.oid AND relkind IN ('r', 'p')) AS owns
    FROM pg_roles r WHERE rolname = current_user
"""
MONTHS = """
    SELECT max(to_date(right(relname, 7), 'YYYY_MM')) FROM pg_inherits
    JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'outbox_event'::regclass AND relname <> 'outbox_event_rest'
"""
APPLIED = "SELECT app || '.' || name FROM tortoise_migrations"


@dataclass(frozen=True, slots=True)
class Finding:
    subject: str
    is_well: bool
    said: str
    remedy: str = ""


async def findings(settings: Settings, environment: Mapping[str, str]) -> list[Finding]:
    """Everything that can be looked at; what cannot be reached is a finding, not a refusal."""
    found = [_python(), _binaries(environment), _home(settings), _ports(settings)]
    found.append(_variables(environment))
    found += await _database(settings)
    found += [await _valkey(settings), await _mail(settings), await _stripe(settings)]
    return found


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    well = sys.version_info >= (3, 11)
    return Finding("Python", well, version, "install Python 3.11 or newer")


def _binaries(environment: Mapping[str, str]) -> Finding:
    try:
        postgres = find_postgres(environment.get("SOUK_PGBIN") or None)
        said = f"PostgreSQL {postgres_version(postgres)}, {find_valkey().name}"
    except ServiceRefused as refusal:
        return Finding("binaries", False, str(refusal), "only `souk up` and the tests need them")
    return Finding("binaries", True, said)


def _home(settings: Settings) -> Finding:
    # Not made before it is needed; then the place where it would be made counts.
    there = next(path for path in (settings.home, *settings.home.parents) if path.is_dir())
    free = shutil.disk_usage(there).free
    said = f"{settings.home}, {free / 1e9:.1f} GB free"
    return Finding("SOUK_HOME", free > ENOUGH_DISK_BYTES, said, "make room, or set SOUK_HOME")


def _ports(settings: Settings) -> Finding:
    """Never ill: `souk up` passes over those that are taken, by itself or by another program."""
    said = [
        f"{port} {'free' if is_free(settings.host, port) else 'taken'}"
        for port in (WEB_PORT, SANDBOX_PORT, MAILBOX_PORT)
    ]
    return Finding("ports", True, ", ".join(said))


def _variables(environment: Mapping[str, str]) -> Finding:
    known = {variable(name) for name in Settings.model_fields} | ELSEWHERE
    unknown = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
    said = f"not a setting: {', '.join(unknown)}" if unknown else "all known"
    return Finding("environment", not unknown, said, "see .env.example for the names")


async def _database(settings: Settings) -> list[Finding]:
    try:
        connection = await asyncpg.connect(settings.database_url, timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        remedy = "start it, or set SOUK_DATABASE_URL; `souk up` runs one"
        return [Finding("PostgreSQL", False, _told(error), remedy)]
    try:
        version = await connection.fetchval("SHOW server_version")
        major = int(await connection.fetchval("SHOW server_version_num")) // 10000
        return [
            Finding("PostgreSQL", major >= 18, version, "Souk needs PostgreSQL 18"),
            await _rights(connection),
            *await _schema(connection),
        ]
    finally:
        await connection.close()


async def _rights(connection: Any) -> Finding:
    rights = await connection.fetchrow(RIGHTS)
    wrong = {
        "bypasses row-level security": rights["bypasses"],
        "may make tables": rights["makes_tables"],
        "owns tables": rights["owns"],
    }
    said = ", ".join(what for what, is_so in wrong.items() if is_so)
    remedy = "use a role of its own in SOUK_DATABASE_URL, not the owner's"
    return Finding("application role", not said, said or "rows only", remedy)


async def _schema(connection: Any) -> list[Finding]:
    try:
        applied = {row[0] for row in await connection.fetch(APPLIED)}
    except asyncpg.UndefinedTableError:
        applied = set()
    missing = sorted(_migrations() - applied)
    said = f"missing: {', '.join(missing)}" if missing else f"{len(applied)} applied"
    found = [Finding("migrations", not missing, said, "run `souk migrate`")]
    if not missing:
        mode = await connection.fetchval("SELECT mode FROM clock") or "system"
        now = await clock.read(connection)
        found.append(Finding("clock", True, f"{mode}, {now:%F %T} UTC"))
        found.append(_months(await connection.fetchval(MONTHS), now))
    return found


def _months(last: date | None, now: datetime) -> Finding:
    """Well while a month to come has its tables."""
    said = f"tables until {last:%Y-%m}" if last else "no month has tables"
    is_ahead = last is not None and last > now.date()
    return Finding("months ahead", is_ahead, said, "start a worker, or run `souk migrate`")


def _migrations() -> set[str]:
    """Those the code brings along, as app.name."""
    return {
        f"{app}.{module.name}"
        for app in MODELS
        for module in pkgutil.iter_modules(import_module(f"{app}.migrations").__path__)
    }


async def _valkey(settings: Settings) -> Finding:
    client = redis.asyncio.Redis.from_url(settings.redis_url, socket_timeout=5)
    try:
        server = await client.info("server")
        return Finding("Valkey", True, str(server.get("valkey_version", server["redis_version"])))
    except (RedisError, OSError) as error:
        return Finding("Valkey", False, _told(error), "start it, or set SOUK_REDIS_URL")
    finally:
        await client.aclose()


async def _mail(settings: Settings) -> Finding:
    try:
        async with _mail_server(settings.smtp_url) as client:
            await client.noop()
    except (OSError, aiosmtplib.SMTPException) as error:
        return Finding("mail", False, _told(error), "start it, or set SOUK_SMTP_URL")
    return Finding("mail", True, "the server answers")


def _mail_server(address: str) -> aiosmtplib.SMTP:
    parts = urlsplit(address)
    return aiosmtplib.SMTP(
        hostname=parts.hostname,
        port=parts.port,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        use_tls=parts.scheme == "smtps",
        timeout=5,
    )


async def _stripe(settings: Settings) -> Finding:
    key = settings.stripe_api_key.get_secret_value()
    async with httpx.AsyncClient(timeout=10) as client:
        try:
            answer = await client.get(f"{settings.stripe_api_base}/v1/balance", auth=(key, ""))
        except httpx.HTTPError as error:
            remedy = "check SOUK_STRIPE_API_BASE and the way out of this machine"
            return Finding("Stripe", False, _told(error), remedy)
    said = f"{settings.stripe_api_base} answers {answer.status_code}"
    return Finding("Stripe", answer.is_success, said, "check SOUK_STRIPE_API_KEY")


def _told(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
