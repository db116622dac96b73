"""Proof that nothing was changed: the whole database before and after, row for row."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.journeys.following import caught_up
from tests.journeys.running import PATIENCE, Marketplace

# What looking alone may change: when a session was last seen, how often a sign-in failed. And what
# a day adds by itself: vendors' figures.
MOVING = {"session", "sign_in_failures", "scorecard"}
TABLES = """
    SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name, tablename
    FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
"""
CONTENT = """
    SELECT count(*) AS number, coalesce(sum(hashtextextended(one::text, 0)::numeric), 0) AS hash
    FROM {table} one
"""
# What was sold before may be told of as low at any moment; it is looked for twice a minute.
UNTOLD = """
    SELECT count(*) FROM stock
    WHERE low_at IS NOT NULL AND is_low <> (available - backorder_limit <= low_at)
"""


async def fingerprint(souk: Marketplace) -> dict[str, tuple[int, int]]:
    """Of each table: how many rows, and a sum over all that stands in them."""
    tables = [row["name"] for row in await souk.rows(TABLES) if row["tablename"] not in MOVING]
    assert len(tables) > 30, tables
    found = {}
    for table in tables:
        [row] = await souk.rows(CONTENT.format(table=table))
        found[table] = (row["number"], int(row["hash"]))
    return found


@asynccontextmanager
async def nothing_changes(souk: Marketplace) -> AsyncIterator[None]:
    """Also not a little later, by a job."""
    async with asyncio.timeout(PATIENCE):
        while await souk.value(UNTOLD):  # noqa: ASYNC110 # another process tells of it
            await asyncio.sleep(0.5)
    await caught_up(souk)
    before = await fingerprint(souk)
    yield
    await caught_up(souk)
    after = await fingerprint(souk)
    assert {table for table in before if before[table] != after[table]} == set()
