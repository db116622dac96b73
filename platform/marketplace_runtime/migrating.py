"""Bring a database to the newest schema and give the application's role its rights."""

import contextlib
from typing import Any

import asyncpg
from tortoise import Tortoise
from tortoise.migrations.api import migrate as run_migrations

from marketplace.kit import clock
from marketplace.outbox.months import AHEAD
from marketplace_runtime.orm import config

LOCK = 7_305_001  # any number; the same for every process that migrates

# What the application's role may not do, beyond making tables. History and the ledger are added
# to, never changed; the ledger's frame is kept by its own functions.
REVOKED = {
    "UPDATE, DELETE, TRUNCATE": (
        "state_change",
        "stock_movement",
        "ledger_transaction",
        "ledger_entry",
        "ledger_account",
        "settlement_terms",
        "settlement_change",
        "payout_approval",
        "skipped_payout",
        "statement",
        "statement_line",
        "bank_file",
        "bank_statement",
        "bank_line",
        "reconciliation_run",
        "reconciliation_act",
        "break_comment",
        "cash_proof",
    ),
    # What was done with a key names it.
    "DELETE, TRUNCATE": ("vendor_key",),
    "INSERT, UPDATE, DELETE, TRUNCATE": ("currency", "accounting_period", "ledger_balance"),
}

# A month's table is reached through the whole, whose rights and policies hold.
_MONTHS = """
    SELECT oid::regclass::text AS name FROM pg_class
    WHERE relispartition AND relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


async def migrate(owner_url: str, app_role: str) -> None:
    """Run both apps' migrations in order, one process at a time, then grant the role its rights.

    Running it again changes nothing, but for months ahead that have become due.
    """
    owner = await asyncpg.connect(owner_url)
    try:
        await owner.execute("SELECT pg_advisory_lock($1)", LOCK)
        try:
            await run_migrations(config=config(owner_url))
        finally:
            await Tortoise.close_connections()
        await _make_months(owner)
        await _grant(owner, app_role)
    finally:
        await owner.close()


async def _make_months(owner: Any) -> None:
    now = await clock.read(owner)
    # Where others are at work, so is a worker's tick, which will make them.
    with contextlib.suppress(asyncpg.LockNotAvailableError):
        await owner.execute("SELECT make_months($1, $2)", now, now + AHEAD)


async def _grant(owner: Any, app_role: str) -> None:
    role = await owner.fetchval("SELECT quote_ident($1)", app_role)
    async with owner.transaction():
        await owner.execute(f"""
            GRANT USAGE ON SCHEMA public TO {role};
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role};
            GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role};
        """)
        for rights, tables in REVOKED.items():
            await owner.execute(f"REVOKE {rights} ON {', '.join(tables)} FROM {role}")
        for row in await owner.fetch(_MONTHS):
            await owner.execute(f"REVOKE ALL ON {row['name']} FROM {role}")
