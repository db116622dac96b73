"""The floor: the rows of one real order, written again and again by one server-side function.

An order is placed once; its rows become the literals of a generated function, with fresh ids each
time. The function writes them into twins of the tables, with their indexes and checks but without
foreign keys, triggers and row-level security, and promises stock under the same locks. pgbench
calls it. No shop on this PostgreSQL can place such orders faster.
"""

import os
import re
import subprocess
from collections.abc import Mapping
from uuid import UUID

import asyncpg

from marketplace_runtime.benching import rows
from marketplace_runtime.benching.databases import DATABASE, Bench
from marketplace_runtime.embedded import databases
from marketplace_runtime.errors import ServiceRefused

_STOCK = """
    CREATE TABLE floor_stock (LIKE stock INCLUDING ALL, nth serial UNIQUE);
    INSERT INTO floor_stock ({columns}) SELECT {columns} FROM stock ORDER BY id;
    ANALYZE floor_stock;
"""
_FUNCTION = """
    CREATE FUNCTION floor_place() RETURNS void LANGUAGE plpgsql AS $floor$
    DECLARE
        ids uuid[] := ARRAY(SELECT uuidv7() FROM generate_series(1, {ids}));
        number text := 'M-' || nextval('order_number');
        shelves uuid[] := ARRAY(SELECT id FROM floor_stock WHERE nth = ANY (ARRAY(
            SELECT 1 + floor(random() * {shelves})::int FROM generate_series(1, {lines})))
            ORDER BY id);
    BEGIN
        {inserts}
        PERFORM 1 FROM floor_stock WHERE id = ANY (shelves) ORDER BY id FOR NO KEY UPDATE;
        UPDATE floor_stock SET reserved = reserved + 1 WHERE id = ANY (shelves);
    END $floor$;
"""


async def prepare(bench: Bench, order_id: UUID) -> None:
    """Twins of all tables an order writes to, and the function that writes this order's rows."""
    owner = await asyncpg.connect(bench.owner_url)
    try:
        found = await rows.rows_of(owner, order_id)
        fresh = list(dict.fromkeys(rows.own_ids(found)))
        number = next(one.values[0]["number"] for one in found if one.table == "orders") or ""
        lines = next(len(one.values) for one in found if one.table == "order_line")
        for one in found:
            await owner.execute(f"CREATE TABLE floor_{one.table} (LIKE {one.table} INCLUDING ALL)")
        columns = ", ".join(column.name for column in await rows.columns_of(owner, "stock"))
        await owner.execute(_STOCK.format(columns=columns))
        inserts = [_insert(one.table, row, fresh, number) for one in found for row in one.values]
        shelves = await owner.fetchval("SELECT count(*) FROM floor_stock")
        await owner.execute(
            _FUNCTION.format(
                ids=len(fresh), lines=lines, inserts="\n        ".join(inserts), shelves=shelves
            )
        )
    finally:
        await owner.close()


def _insert(table: str, row: Mapping[str, str | None], fresh: list[str], number: str) -> str:
    said = {name: value for name, value in row.items() if value is not None}
    values = ", ".join(_literal(value, fresh, number) for value in said.values())
    return f"INSERT INTO floor_{table} ({', '.join(said)}) SELECT {values};"


def _literal(value: str, fresh: list[str], number: str) -> str:
    """Casts to a column's type happen on assignment; PL/pgSQL keeps the plan of each."""
    if value in fresh:
        return f"ids[{fresh.index(value) + 1}]"
    if value.startswith(number):
        return f"number || '{value.removeprefix(number)}'"
    quoted = "'" + value.replace("'", "''") + "'"
    if held := next((key for key in fresh if key in value), None):
        return f"replace({quoted}, '{held}', ids[{fresh.index(held) + 1}]::text)::jsonb"
    return quoted


def orders_per_second(bench: Bench, *, clients: int, seconds: int) -> float:
    program = bench.postgres.binaries / "pgbench"
    if not os.access(program, os.X_OK):
        raise ServiceRefused(f"{program} is not there; the floor is measured with pgbench.")
    done = subprocess.run(
        [
            program, "--no-vacuum", "--protocol=prepared", f"--time={seconds}",
            f"--client={clients}", "--file=/dev/stdin", f"--host={bench.home.sockets}",
            f"--username={databases.OWNER}", DATABASE,
        ],
        input="SELECT floor_place();\n", capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode != 0 or said is None:
        raise ServiceRefused(f"pgbench did not measure: {done.stderr.strip()}")
    return float(said[1])
