"""A hundred thousand orders in minutes: a few real ones, written again under other names and times.

The names of the copies go into a table by COPY; each sample's row is then one INSERT for all of its
copies. Stock is promised to the copies as it is to the samples. Their news counts as told: the
books of settlement know the samples alone.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg

from marketplace.kit.ids import new_id
from marketplace_runtime.benching import rows
from marketplace_runtime.benching.rows import Column, Rows
from marketplace_runtime.benching.scale.samples import Sample

OLD, RECENT = timedelta(days=365), timedelta(minutes=20)
CHUNK = 20_000  # copies at a time
_FIRST = 1_000_000_000  # numbers far from the sequence's

_TABLE = """
    CREATE TEMP TABLE IF NOT EXISTS copy (nth bigint, earlier interval, ids uuid[]);
    TRUNCATE copy
"""
_PROMISE = """
    UPDATE stock SET reserved = reserved + promised.units
    FROM (SELECT stock_id, quantity * $2::int AS units FROM reservation WHERE order_id = $1)
        AS promised
    WHERE stock.id = promised.stock_id
"""
_MONTHS = "SELECT make_months(max(placed_at) - $1::interval, max(placed_at)) FROM orders"
# As autovacuum does it, which knows nothing of a table that is divided: each month by itself.
_TABLES = """
    SELECT oid::regclass::text AS name FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""
_NEWS = "UPDATE outbox_event SET routed_at = happened_at WHERE routed_at IS NULL"


async def multiply(
    owner_url: str,
    samples: Sequence[Sample],
    orders: int,
    *,
    start: int,
    settled: UUID | None = None,
) -> int:
    """Copies up to so many orders in all; answers with how many rows were written.

    Copies are numbered from `start`: the next call goes on where this one ended. Of the open orders
    of a vendor that is `settled` none are copied. As the tables' owner, since COPY does not pass
    row-level security.
    """
    owner = await asyncpg.connect(owner_url, command_timeout=None)
    dice, written, nth = Random(start), 0, _FIRST + start
    try:
        await owner.execute(_NEWS)
        await owner.execute(_MONTHS, OLD + timedelta(days=1))
        copied = [
            sample
            for sample in samples
            if not (sample.stage.is_open and settled in await _vendors(owner, sample))
        ]
        for sample in copied:
            of_stage = sum(other.stage == sample.stage for other in copied)
            left = round(orders * sample.stage.share / of_stage)
            found = await rows.rows_of(owner, sample.order_id)
            while left > 0:
                count = min(left, CHUNK)
                async with owner.transaction():
                    written += await _copies(owner, sample, found, range(nth, nth + count), dice)
                left, nth = left - count, nth + count
        for table in await owner.fetch(_TABLES):
            await owner.execute(f"VACUUM ANALYZE {table['name']}")
    finally:
        await owner.close()
    return written


async def _vendors(owner: Any, sample: Sample) -> set[UUID]:
    found = await owner.fetch(
        "SELECT vendor_id FROM sub_order WHERE order_id = $1", sample.order_id
    )
    return {row["vendor_id"] for row in found}


async def _copies(
    owner: Any, sample: Sample, found: Sequence[Rows], numbers: range, dice: Random
) -> int:
    names = list(dict.fromkeys(rows.own_ids(found)))
    uuids = [name for name in names if _is_uuid(name)]
    number = next(one.values[0]["number"] for one in found if one.table == "orders")
    placed_at = await owner.fetchval("SELECT placed_at FROM orders WHERE id = $1", sample.order_id)
    await owner.execute(_TABLE)
    await owner.copy_records_to_table(
        "copy", records=_names(sample, numbers, len(uuids), placed_at, dice)
    )
    written = 0
    for one in found:
        for row in one.values:
            columns = [column for column in one.columns if row[column.name] is not None]
            said = [
                _expression(row[column.name] or "", column, names, uuids, number or "")
                for column in columns
            ]
            targets = ", ".join(column.name for column in columns)
            done = await owner.execute(
                f"INSERT INTO {one.table} ({targets}) SELECT {', '.join(said)} FROM copy"
            )
            written += int(done.split()[-1])
    await owner.execute(_PROMISE, sample.order_id, len(numbers))
    return written


def _names(
    sample: Sample, numbers: range, ids: int, placed_at: datetime, dice: Random
) -> Iterator[tuple[int, timedelta, list[UUID]]]:
    longest = RECENT if sample.stage.is_open else OLD
    for nth in numbers:
        earlier = longest * dice.random()
        yield nth, earlier, [new_id(placed_at - earlier) for _ in range(ids)]


def _expression(
    value: str, column: Column, names: Sequence[str], uuids: Sequence[str], number: str
) -> str:
    """The SQL for a sample's value in its copy."""
    if value in uuids:
        said = f"ids[{uuids.index(value) + 1}]"
        return said if column.type == "uuid" else f"{said}::text"
    if column.type == "timestamp with time zone":
        return f"{_quoted(value)}::timestamptz - earlier"
    if value in names:
        return f"{_quoted(value)} || '-' || nth"
    if value.startswith(number):
        return f"'M-' || nth || {_quoted(value.removeprefix(number))}"
    said = _quoted(value)
    for name in uuids:
        if name in value:
            said = f"replace({said}, '{name}', ids[{uuids.index(name) + 1}]::text)"
    return f"({said})::{column.type}"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _is_uuid(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return len(name) == 36
