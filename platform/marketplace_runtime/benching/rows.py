"""The rows of one order, wherever they stand, as text that can be written again as another's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

# Each table with an order's rows, parents first, and what leads from the order to them.
TABLES = {
    "idempotency_record": "result_id = $1",
    "customer": "id = (SELECT customer_id FROM orders WHERE id = $1)",
    "orders": "id = $1",
    "sub_order": "order_id = $1",
    "order_line": "order_id = $1",
    "reservation": "order_id = $1",
    "routing_decision": "sub_order_id IN (SELECT id FROM sub_order WHERE order_id = $1)",
    "payment": "order_id = $1",
    "payment_allocation": "payment_id = (SELECT id FROM payment WHERE order_id = $1)",
    "payment_attempt": "payment_id = (SELECT id FROM payment WHERE order_id = $1)",
    "provider_operation": (
        "subject_id IN (SELECT payment_attempt.id FROM payment_attempt JOIN payment"
        " ON payment.id = payment_id WHERE order_id = $1)"
    ),
    "capture": "order_id = $1",
    "shipment": "order_id = $1",
    "shipment_line": "shipment_id IN (SELECT id FROM shipment WHERE order_id = $1)",
    "sla_clock": "order_id = $1",
    "event_stream": "id = $1",
    "outbox_event": "stream_id = $1",
    "state_change": "order_id = $1",
}
# A claimed key's result is the order, a call's the provider's name for what it made.
_NAMES = ("id", "cart_id", "intent_id", "result_id", "charge_id", "balance_transaction_id")
_COLUMNS = """
    SELECT attname, atttypid::regtype::text AS type FROM pg_attribute
    WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    ORDER BY attnum
"""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Rows:
    """One table's: the columns that can be written, and the values as text."""

    table: str
    columns: Sequence[Column]
    values: Sequence[Mapping[str, str | None]]


async def columns_of(connection: Any, table: str) -> list[Column]:
    found = await connection.fetch(_COLUMNS, table)
    return [Column(row["attname"], row["type"]) for row in found]


async def rows_of(connection: Any, order_id: UUID) -> list[Rows]:
    """All that there are; a table without any is left out."""
    found = []
    for table, where in TABLES.items():
        columns = await columns_of(connection, table)
        text = ", ".join(f"{column.name}::text AS {column.name}" for column in columns)
        values = await connection.fetch(f"SELECT {text} FROM {table} WHERE {where}", order_id)
        if values:
            found.append(Rows(table, columns, [dict(row) for row in values]))
    return found


def own_ids(found: Sequence[Rows]) -> Iterator[str]:
    """What names this order alone: its rows' ids, its cart's, its provider's and its key's."""
    for rows in found:
        for row in rows.values:
            for name in _NAMES:
                if value := row.get(name):
                    yield value
            if key := row.get("key"):
                yield key
