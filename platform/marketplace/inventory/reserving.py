"""What happens to promised stock after placement: kept, shipped, or given back. Sets, in id order.

Placing itself reserves inside `place_order(jsonb)`; every function here runs in the caller's
transaction, under the order's lock.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from marketplace.inventory.errors import NotOnTheShelf
from marketplace.inventory.states import RESERVATION, ReservationMove
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection

# Counted and not looked up: a placement that takes an expired promise makes this wait, and then
# change one row less.
_COMMIT = """
    WITH kept AS (
        UPDATE reservation SET state = 'committed', expires_at = NULL
        WHERE order_id = $1 AND state = 'held' RETURNING short
    )
    SELECT (SELECT count(*) FROM kept WHERE short = 0)
        = (SELECT count(*) FROM reservation WHERE order_id = $1)
"""
_RETAKE = "SELECT retake_stock($1, $2)"
# Lock the shelves in id order first; then count the same units off the promise and the shelf.
_LOCK_STOCK = """
    SELECT 1 FROM stock WHERE id IN (
        SELECT stock_id FROM reservation WHERE line_id = ANY($1::uuid[]))
    ORDER BY id FOR NO KEY UPDATE
"""
# Units that were short are given up before units that are there.
_GIVE_BACK = """
    WITH wanted AS (
        SELECT reservation.id, reservation.stock_id, least(item.units, reservation.short) AS short,
            item.units - least(item.units, reservation.short) AS units,
            reservation.quantity + reservation.short > item.units AS is_part
        FROM unnest($1::uuid[], $2::int[]) AS item (line_id, units)
        JOIN reservation ON reservation.line_id = item.line_id AND reservation.state = ANY($4)
    ), given AS (
        UPDATE reservation SET
            quantity = reservation.quantity - wanted.units,
            short = reservation.short - wanted.short,
            state = CASE WHEN wanted.is_part THEN reservation.state
                WHEN reservation.consumed > 0 THEN 'consumed' ELSE $3 END,
            expires_at = CASE WHEN wanted.is_part THEN reservation.expires_at END
        FROM wanted WHERE reservation.id = wanted.id
        RETURNING reservation.stock_id, wanted.units
    ), summed AS (SELECT stock_id, sum(units)::int AS units FROM given GROUP BY stock_id)
    UPDATE stock SET reserved = stock.reserved - summed.units
    FROM summed WHERE stock.id = summed.stock_id
"""
# Of a shelf that several lines share, each line has what the lines before it leave.
_MISSING = """
    SELECT sku, units, there FROM (
        SELECT order_line.sku, order_line.position, item.units, least(reservation.quantity,
            stock.on_hand + item.units - sum(item.units) OVER (
                PARTITION BY stock.id ORDER BY order_line.position, order_line.id))::int AS there
        FROM unnest($1::uuid[], $2::int[]) AS item (line_id, units)
        JOIN order_line ON order_line.id = item.line_id
        JOIN reservation ON reservation.line_id = item.line_id
        JOIN stock ON stock.id = reservation.stock_id
    ) wanted
    WHERE units > there ORDER BY position LIMIT 1
"""
# All that the lines of a shelf miss there, or none of it.
_TAKE_AGAIN = """
    WITH missed AS (
        SELECT reservation.id, reservation.stock_id, reservation.short, stock.available,
            sum(reservation.short) OVER (PARTITION BY stock.id) AS in_all
        FROM reservation JOIN stock ON stock.id = reservation.stock_id
        WHERE reservation.line_id = ANY($1::uuid[]) AND reservation.state = ANY($2)
            AND reservation.short > 0
    ), taken AS (
        UPDATE reservation SET quantity = quantity + missed.short, short = 0
        FROM missed WHERE reservation.id = missed.id AND missed.in_all <= missed.available
        RETURNING reservation.stock_id, missed.short
    ), summed AS (SELECT stock_id, sum(short)::int AS units FROM taken GROUP BY stock_id)
    UPDATE stock SET reserved = stock.reserved + summed.units
    FROM summed WHERE stock.id = summed.stock_id
"""
_CONSUME = """
    WITH taken AS (
        UPDATE reservation SET
            quantity = reservation.quantity - item.units,
            consumed = reservation.consumed + item.units,
            state = CASE WHEN reservation.quantity + reservation.short > item.units
                THEN reservation.state ELSE $3 END
        FROM unnest($1::uuid[], $2::int[]) AS item (line_id, units)
        WHERE reservation.line_id = item.line_id AND reservation.state = ANY($4)
        RETURNING reservation.stock_id, reservation.order_id, item.units
    ), summed AS (
        SELECT stock_id, order_id, sum(units)::int AS units FROM taken GROUP BY stock_id, order_id
    ), left_the_shelf AS (
        UPDATE stock SET reserved = stock.reserved - summed.units,
            on_hand = stock.on_hand - summed.units
        FROM summed WHERE stock.id = summed.stock_id
        RETURNING stock.id, stock.vendor_id, stock.on_hand, summed.units, summed.order_id
    )
    INSERT INTO stock_movement (id, stock_id, vendor_id, kind, delta, after, order_id, actor, at)
    SELECT uuidv7($6 - clock_timestamp()), id, vendor_id, 'sold', -units, on_hand, order_id, $5, $6
    FROM left_the_shelf
"""


async def commit(*, order_id: UUID, now: datetime) -> bool:
    """Paid: what was held until the pay-by deadline is now promised for good.

    A promise that had expired or was found short is taken again. False, and nothing is taken, where
    the pieces are gone: the caller gives the order up.
    """
    if await connection().fetchval(_COMMIT, order_id):
        return True
    taken: bool = await connection().fetchval(_RETAKE, order_id, now)
    return taken


async def consume(units: Mapping[UUID, int], *, by: Principal, now: datetime) -> None:
    """Units by order line have left the shelf.

    Refuses (NotOnTheShelf) pieces that were sold ahead and are not there yet, or were found short
    and are not there again.
    """
    wanted = _counted(units)
    if not wanted:
        return
    lines, counts = list(wanted), list(wanted.values())
    await connection().execute(_LOCK_STOCK, lines)
    missing = await connection().fetchrow(_MISSING, lines, counts)
    if missing is not None:
        await take_again(lines)
        missing = await connection().fetchrow(_MISSING, lines, counts)
    if missing is not None:
        raise NotOnTheShelf(sku=missing["sku"], wanted=missing["units"], there=missing["there"])
    sources = RESERVATION.sources(ReservationMove.CONSUME)
    end = RESERVATION.after(sources[0], ReservationMove.CONSUME)
    await connection().execute(_CONSUME, lines, counts, end, sources, by.key, now)


async def take_again(line_ids: Collection[UUID]) -> None:
    """Promise what lines were found short of, where their shelves, which are locked, have it again.

    A count that was wrong is put right by another one, and its lines are as they were.
    """
    sources = RESERVATION.sources(ReservationMove.CONSUME)
    await connection().execute(_TAKE_AGAIN, list(line_ids), sources)


async def release(units: Mapping[UUID, int]) -> None:
    """Units by order line will not be shipped: others may buy them."""
    await _give_back(units, ReservationMove.RELEASE)


async def expire(units: Mapping[UUID, int]) -> None:
    """Units by order line were not paid for in time: others may buy them."""
    await _give_back(units, ReservationMove.EXPIRE)


async def _give_back(units: Mapping[UUID, int], move: ReservationMove) -> None:
    wanted = _counted(units)
    if not wanted:
        return
    await connection().execute(_LOCK_STOCK, list(wanted))
    sources = RESERVATION.sources(move)
    end = RESERVATION.after(sources[0], move)
    await connection().execute(_GIVE_BACK, list(wanted), list(wanted.values()), end, sources)


def _counted(units: Mapping[UUID, int]) -> dict[UUID, int]:
    wanted = {line_id: count for line_id, count in units.items() if count}
    assert min(wanted.values(), default=1) > 0, units
    return wanted
