"""Stock of what was on its way and did not arrive: promised again, or back on the shelf.

Both run in the caller's transaction, under the order's lock, and lock stock in id order.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from marketplace.inventory.states import RESERVATION, ReservationMove
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection

_LOCKED = """
    SELECT reservation.line_id, stock.id,
        least(stock.available, stock.on_hand - stock.reserved) AS available
    FROM reservation JOIN stock ON stock.id = reservation.stock_id
    WHERE reservation.line_id = ANY($1::uuid[]) ORDER BY stock.id FOR NO KEY UPDATE OF stock
"""
# What left the shelf has left it: `consumed` stays, the promise is a new one.
_RECOMMIT = """
    WITH wanted AS (
        UPDATE reservation SET quantity = reservation.quantity + item.units, state = $3
        FROM unnest($1::uuid[], $2::int[]) AS item (line_id, units)
        WHERE reservation.line_id = item.line_id AND reservation.state = ANY($4)
        RETURNING reservation.stock_id, item.units
    ), summed AS (SELECT stock_id, sum(units)::int AS units FROM wanted GROUP BY stock_id)
    UPDATE stock SET reserved = stock.reserved + summed.units
    FROM summed WHERE stock.id = summed.stock_id
"""
_PUT_BACK = """
    WITH back AS (
        SELECT reservation.stock_id, reservation.order_id, sum(item.units)::int AS units
        FROM unnest($1::uuid[], $2::int[]) AS item (line_id, units)
        JOIN reservation ON reservation.line_id = item.line_id
        GROUP BY reservation.stock_id, reservation.order_id
    ), on_the_shelf AS (
        UPDATE stock SET on_hand = on_hand + back.units FROM back WHERE stock.id = back.stock_id
        RETURNING stock.id, stock.vendor_id, stock.on_hand, back.units, back.order_id
    )
    INSERT INTO stock_movement (id, stock_id, vendor_id, kind, delta, after, order_id, actor, at)
    SELECT uuidv7($4 - clock_timestamp()), id, vendor_id, 'returned', units, on_hand, order_id,
        $3, $4
    FROM on_the_shelf
"""


async def recommit(units: Mapping[UUID, int]) -> dict[UUID, int]:
    """Promise units by order line anew; where one has too little, none is, and it says how much.

    Empty is good. What it answers is free at the location that the line is served from.
    """
    rows = await connection().fetch(_LOCKED, list(units))
    free = {row["id"]: row["available"] for row in rows}
    short = {}
    for row in rows:
        wanted = units[row["line_id"]]
        if wanted > free[row["id"]]:
            short[row["line_id"]] = free[row["id"]]
        free[row["id"]] -= wanted
    if short:
        return short
    consumed = RESERVATION.sources(ReservationMove.RECOMMIT)
    end = RESERVATION.after(consumed[0], ReservationMove.RECOMMIT)
    # Where some of the line waits on the shelf anyway, its promise only grows.
    sources = [*consumed, end]
    await connection().execute(_RECOMMIT, list(units), list(units.values()), end, sources)
    return {}


async def put_back(units: Mapping[UUID, int], *, by: Principal, now: datetime) -> None:
    """Units by order line are on the shelf again, for anybody."""
    await connection().fetch(_LOCKED, list(units))
    await connection().execute(_PUT_BACK, list(units), list(units.values()), by.key, now)
