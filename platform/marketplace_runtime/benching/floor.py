"""The floor: the same rows by pgbench and one server-side function, with nothing around them.

Twins of the ledger's tables, with their indexes and checks but without triggers, foreign keys and
row-level security: what no ledger in this PostgreSQL can be faster than.
"""

import os
import re
import subprocess

import asyncpg

from marketplace_runtime.benching.databases import DATABASE, Bench
from marketplace_runtime.benching.postings import VENDORS
from marketplace_runtime.embedded import databases
from marketplace_runtime.errors import ServiceRefused

_TWINS = f"""
    CREATE TABLE floor_transaction (LIKE ledger_transaction INCLUDING ALL);
    CREATE TABLE floor_entry (LIKE ledger_entry INCLUDING ALL);
    CREATE TABLE floor_balance (LIKE ledger_balance INCLUDING ALL);
    INSERT INTO floor_balance (account_id) SELECT generate_series(1, {VENDORS});
    CREATE SEQUENCE floor_turn;
    CREATE FUNCTION floor_post(postings int) RETURNS void LANGUAGE sql AS $$
        WITH posted AS (
            INSERT INTO floor_transaction (id, kind, idempotency_key, fingerprint, effective_date,
                recorded_at, period_id, source_type, source_id)
            SELECT uuidv7(), 'earning', 'earning:' || uuidv7(), repeat('0', 64), current_date,
                now(), 1, 'sub_order', uuidv7()
            FROM generate_series(1, postings) RETURNING id
        ), owner AS (
            SELECT id, 1 + nextval('floor_turn') % {VENDORS} AS account_id, uuidv7() AS part
            FROM posted
        ), added AS (
            INSERT INTO floor_entry (transaction_id, account_id, currency, amount_minor, purpose,
                order_id, sub_order_id)
            SELECT owner.id, CASE side.nth WHEN 1 THEN owner.account_id ELSE 1000 + side.nth END,
                'EUR', side.minor, 'sale', owner.part, owner.part
            FROM owner, (VALUES (0, 2000), (1, -1800), (2, -200)) side (nth, minor)
            RETURNING account_id
        )
        UPDATE floor_balance SET credits_minor = credits_minor + moved.minor,
            version = version + 1
        FROM (SELECT account_id, 1800 * count(*) AS minor FROM owner GROUP BY account_id) moved
        WHERE floor_balance.account_id = moved.account_id
    $$;
"""


async def prepare(bench: Bench) -> None:
    owner = await asyncpg.connect(bench.owner_url)
    try:
        await owner.execute(_TWINS)
    finally:
        await owner.close()


def postings_per_second(bench: Bench, count: int, size: int) -> float:
    """`count` postings by one client, `size` in each call and commit."""
    program = bench.postgres.binaries / "pgbench"
    if not os.access(program, os.X_OK):
        raise ServiceRefused(f"{program} is not there; the floor is measured with pgbench.")
    done = subprocess.run(
        [
            program, "--no-vacuum", "--protocol=prepared", f"--transactions={count // size}",
            "--file=/dev/stdin", f"--host={bench.home.sockets}", f"--username={databases.OWNER}",
            DATABASE,
        ],
        input=f"SELECT floor_post({size});\n", capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode != 0 or said is None:
        raise ServiceRefused(f"pgbench did not measure: {done.stderr.strip()}")
    return float(said[1]) * size
