"""The floor: the rows of one real order, written again and again by one server-side function.

An order is placed once; its rows become the literals of a generated function, with fresh ids each
time. The function writes them into twins of the tables, with their indexes and checks but without
foreign keys, triggers and row-level security, and promises stock under the same locks. pgbench
calls it. No shop on this PostgreSQL can place such orders faster.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import asyncpg

from marketplace_runtime.benching.databases import DATABASE, Bench
from marketplace_runtime.embedded import databases
from marketplace_runtime.errors import ServiceRefused

# Where an order's rows stand: each table, and what leads from the order to its rows there.
_ROWS = {
    "idempotency_record": "result_id = $1",
    "orders": "id = $1",
    "customer": "id = (SELECT customer_id FROM orders WHERE id = $1)",
    "sub_order": "order_id = $1",
    "payment": "order_id = $1",
    "payment_allocation": "payment_id = (SELECT id FROM payment WHERE order_id = $1)",
    "sla_clock": "order_id = $1",
    "event_stream": "id = $1",
    "outbox_event": "stream_id = $1",
    "state_change": "order_id = $1",
    "order_line": "order_id = $1",
    "reservation": "order_id = $1",
}
_COLUMNS = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    ORDER BY attnum
"""
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
        rows = {table: await _rows(owner, table, where, order_id)
                for table, where in _ROWS.items()}  # fmt: skip
        fresh = list(dict.fromkeys(_fresh(rows)))
        number = rows["orders"][0]["number"]
        for table in rows:
            await owner.execute(f"CREATE TABLE floor_{table} (LIKE {table} INCLUDING ALL)")
        columns = ", ".join(row["attname"] for row in await owner.fetch(_COLUMNS, "stock"))
        await owner.execute(_STOCK.format(columns=columns))
        inserts = [
            _insert(table, row, fresh, number) for table, those in rows.items() for row in those
        ]
        await owner.execute(_FUNCTION.format(
            ids=len(fresh), lines=len(rows["order_line"]), inserts="\n        ".join(inserts),
            shelves=await owner.fetchval("SELECT count(*) FROM floor_stock"),
        ))  # fmt: skip
    finally:
        await owner.close()


async def _rows(owner: Any, table: str, where: str, order_id: UUID) -> list[Mapping[str, Any]]:
    names = [row["attname"] for row in await owner.fetch(_COLUMNS, table)]
    columns = ", ".join(f"{name}::text AS {name}" for name in names)
    found = await owner.fetch(f"SELECT {columns} FROM {table} WHERE {where}", order_id)
    assert found, f"an order has rows in {table}"
    return [dict(row) for row in found]


def _fresh(rows: Mapping[str, list[Mapping[str, Any]]]) -> Iterator[str]:
    """The ids that are the order's own: its rows', and the cart's and the key that made it."""
    for those in rows.values():
        for row in those:
            if "id" in row:
                yield row["id"]
    yield rows["orders"][0]["cart_id"]
    yield rows["idempotency_record"][0]["key"]


def _insert(table: str, row: Mapping[str, Any], fresh: list[str], number: str) -> str:
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
