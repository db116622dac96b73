"""Stock for a line that another vendor could not send: looked at and taken under one lock."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection

# The shelves that are given back to and all that may serve instead, at once and in id order: two
# orders that change places would otherwise wait for each other.
_LOCK = """
    SELECT 1 FROM stock WHERE id IN (SELECT stock_id FROM reservation WHERE line_id = ANY($1))
        OR offer_id IN (SELECT id FROM offer WHERE variant_id = ANY($2) AND is_active)
    ORDER BY id FOR NO KEY UPDATE
"""
_PROMISE = """
    WITH promised AS (
        INSERT INTO reservation
            (id, stock_id, vendor_id, order_id, line_id, quantity, consumed, state)
        SELECT item.id, item.stock_id, stock.vendor_id, $1, item.line_id, item.units, 0, 'committed'
        FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::int[])
            AS item (id, stock_id, line_id, units)
        JOIN stock ON stock.id = item.stock_id
        RETURNING stock_id, quantity
    ), summed AS (SELECT stock_id, sum(quantity)::int AS units FROM promised GROUP BY stock_id)
    UPDATE stock SET reserved = stock.reserved + summed.units
    FROM summed WHERE stock.id = summed.stock_id
"""
# What was found short is whole again at the other shelf.
_SHIFT = """
    WITH moved AS (
        UPDATE reservation SET stock_id = $2, quantity = reservation.quantity + reservation.short,
            short = 0
        WHERE line_id = $1
        RETURNING old.stock_id AS was_at, old.quantity AS was, new.quantity AS units
    )
    UPDATE stock SET reserved = stock.reserved
        + CASE stock.id WHEN moved.was_at THEN -moved.was ELSE moved.units END
    FROM moved WHERE stock.id IN (moved.was_at, $2)
"""


@dataclass(frozen=True, slots=True)
class Promise:
    stock_id: UUID
    line_id: UUID
    units: int


async def lock(*, line_ids: Collection[UUID], variant_ids: Collection[UUID]) -> None:
    """Hold the stock of these lines and all stock of these variants. Needs to see all vendors'."""
    await connection().execute(_LOCK, list(line_ids), list(variant_ids))


async def promise(promises: Sequence[Promise], *, order_id: UUID, now: datetime) -> None:
    """Promise locked stock to the new lines of a paid order, for good."""
    await connection().execute(
        _PROMISE,
        order_id,
        [new_id(now) for _ in promises],
        [promise.stock_id for promise in promises],
        [promise.line_id for promise in promises],
        [promise.units for promise in promises],
    )


async def shift(*, line_id: UUID, stock_id: UUID) -> None:
    """Promise a line, of which nothing has left, whole from another shelf; both are locked."""
    await connection().execute(_SHIFT, line_id, stock_id)
