"""Write rows as they are, for states that no operation would lead to."""

from datetime import UTC, datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def insert(table: str, **columns: object) -> UUID:
    """A row with an id of its own, and that id."""
    row_id = new_id(NOW)
    names = ", ".join(["id", *columns])
    places = ", ".join(f"${place}" for place in range(1, len(columns) + 2))
    await connection().execute(
        f"INSERT INTO {table} ({names}) VALUES ({places})", row_id, *columns.values()
    )
    return row_id


async def update(table: str, row_id: UUID, **columns: object) -> None:
    sets = ", ".join(f"{name} = ${place}" for place, name in enumerate(columns, start=2))
    await connection().execute(
        f"UPDATE {table} SET {sets} WHERE id = $1", row_id, *columns.values()
    )


async def add(table: str, row_id: UUID, **columns: int) -> None:
    sets = ", ".join(f"{name} = {name} + ${n}" for n, name in enumerate(columns, start=2))
    await connection().execute(
        f"UPDATE {table} SET {sets} WHERE id = $1", row_id, *columns.values()
    )


async def read(table: str, row_id: UUID) -> dict[str, int]:
    row = await connection().fetchrow(f"SELECT * FROM {table} WHERE id = $1", row_id)
    return dict(row)
