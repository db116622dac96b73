"""What happens to promised stock after placement: kept, shipped, or given back. Sets, in id order.

Placing itself reserves inside `place_order(jsonb)`; every function here runs in the caller's
transaction, under the order's lock.
"""

from collections.abc import Mapping
from uuid import UUID

from marketplace.inventory.states import RESERVATION, ReservationMove
from marketplace.kit.transactions import connection

_COMMIT = """
    UPDATE reservation SET state = 'committed', expires_at = NULL
    WHERE order_id = $1 AND state = 'held'
"""
# Lock the shelves in id order first; then count the same units off the promise and the shelf.
_LOCK_STOCK = """
    SELECT 1 FROM stock WHERE id IN (
        SELECT stock_id FROM reservation WHERE line_id = ANY($1::uuid[]))
    ORDER BY id FOR NO KEY UPDATE
"""
_TAKE = """
    WITH taken AS (
        UPDATE reservation SET
            quantity = reservation.quantity - wanted.units,
            consumed = reservation.consumed
                + CASE WHEN $3 = 'consumed' THEN wanted.units ELSE 0 END,
            state = CASE WHEN reservation.quantity > wanted.units THEN reservation.state
                WHEN reservation.consumed > 0 THEN 'consumed' ELSE $3 END,
            expires_at = CASE WHEN reservation.quantity > wanted.units
                THEN reservation.expires_at END
        FROM unnest($1::uuid[], $2::int[]) AS wanted (line_id, units)
        WHERE reservation.line_id = wanted.line_id AND reservation.state = ANY($4)
        RETURNING reservation.stock_id, wanted.units
    ), summed AS (SELECT stock_id, sum(units)::int AS units FROM taken GROUP BY stock_id)
    UPDATE stock SET
        reserved = stock.reserved - summed.units,
        on_hand = stock.on_hand - CASE WHEN $3 = 'consumed' THEN summed.units ELSE 0 END
    FROM summed WHERE stock.id = summed.stock_id
"""


async def commit(*, order_id: UUID) -> None:
    """Paid: what was held until the pay-by deadline is now promised for good."""
    await connection().execute(_COMMIT, order_id)


async def consume(units: Mapping[UUID, int]) -> None:
    """Units by order line have left the shelf."""
    await _take(units, ReservationMove.CONSUME)


async def release(units: Mapping[UUID, int]) -> None:
    """Units by order line will not be shipped: others may buy them."""
    await _take(units, ReservationMove.RELEASE)


async def expire(units: Mapping[UUID, int]) -> None:
    """Units by order line were not paid for in time: others may buy them."""
    await _take(units, ReservationMove.EXPIRE)


async def _take(units: Mapping[UUID, int], move: ReservationMove) -> None:
    wanted = {line_id: count for line_id, count in units.items() if count}
    assert min(wanted.values(), default=1) > 0, units
    if not wanted:
        return
    await connection().execute(_LOCK_STOCK, list(wanted))
    sources = RESERVATION.sources(move)
    end = RESERVATION.after(sources[0], move)
    await connection().execute(_TAKE, list(wanted), list(wanted.values()), end, sources)
