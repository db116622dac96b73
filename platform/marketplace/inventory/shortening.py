"""A shelf has less than customers were promised: who misses it is found, marked and told of.

The pieces are taken back from the newest promises that no vendor has accepted; only then from
accepted ones, the newest first. Their units wait in `reservation.short` until whoever hears
`stock.short` routes them elsewhere or gives them up. What is promised is never above what is there.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.inventory.errors import StockBusy
from marketplace.inventory.models import Stock
from marketplace.kit.transactions import connection
from marketplace.outbox import recording

SHORT = "stock.short"

# A promise that its payment holds at this moment is left out: its order holds locks that we would
# wait for with the shelf locked, and the other way round.
_OPEN = """
    SELECT reservation.id, reservation.stock_id, reservation.order_id, reservation.line_id,
        order_line.sub_order_id, reservation.quantity
    FROM reservation
    JOIN order_line ON order_line.id = reservation.line_id
    JOIN sub_order ON sub_order.id = order_line.sub_order_id
    WHERE reservation.stock_id = ANY($1::uuid[]) AND reservation.state IN ('held', 'committed')
        AND reservation.quantity > 0
    ORDER BY sub_order.state NOT IN ('pending', 'awaiting_acceptance'), reservation.id DESC
    FOR UPDATE OF reservation SKIP LOCKED
"""
_TAKE_BACK = """
    WITH taken AS (
        UPDATE reservation SET quantity = quantity - item.units, short = short + item.units
        FROM unnest($1::uuid[], $2::int[]) AS item (id, units) WHERE reservation.id = item.id
        RETURNING reservation.stock_id, item.units
    ), summed AS (SELECT stock_id, sum(units)::int AS units FROM taken GROUP BY stock_id)
    UPDATE stock SET reserved = stock.reserved - summed.units
    FROM summed WHERE stock.id = summed.stock_id
"""
_STILL_SHORT = """
    SELECT reservation.stock_id, reservation.order_id, reservation.line_id,
        order_line.sub_order_id, reservation.short
    FROM reservation JOIN order_line ON order_line.id = reservation.line_id
    WHERE reservation.line_id = ANY($1) AND reservation.state = 'committed'
        AND reservation.short > 0
"""


def missing_of(shelves: Iterable[Stock], on_hand: Mapping[UUID, int]) -> dict[UUID, int]:
    """The promised pieces that each shelf would miss with this on hand; who misses none is out."""
    missing = {
        shelf.id: shelf.reserved - on_hand[shelf.id] - shelf.backorder_limit for shelf in shelves
    }
    return {stock_id: units for stock_id, units in missing.items() if units > 0}


async def take_back(missing: Mapping[UUID, int], *, now: datetime) -> int:
    """Take this many promised pieces of locked shelves back; answers with the lines that miss some.

    Call it before what is on hand is lowered. Refuses (StockBusy) where too many of the promises
    are being paid for at this moment.
    """
    if not missing:
        return 0
    left = dict(missing)
    shorts: list[tuple[Any, int]] = []
    for row in await connection().fetch(_OPEN, list(missing)):
        units = min(left[row["stock_id"]], row["quantity"])
        if units:
            left[row["stock_id"]] -= units
            shorts.append((row, units))
    if any(left.values()):
        raise StockBusy
    await connection().execute(
        _TAKE_BACK, [row["id"] for row, _ in shorts], [units for _, units in shorts]
    )
    # Without a number in the order's stream, whose lock its payment may hold while it waits for us.
    facts = [_told(row, units) for row, units in shorts]
    await recording.record_all_unstreamed(SHORT, facts, now=now)
    return len(shorts)


async def remind(line_ids: Iterable[UUID], *, now: datetime) -> None:
    """Tell once more of lines' units that are short, where whoever heard of them had to wait."""
    rows = await connection().fetch(_STILL_SHORT, list(line_ids))
    facts = [_told(row, row["short"]) for row in rows]
    await recording.record_all_unstreamed(SHORT, facts, now=now)


def _told(row: Any, units: int) -> dict[str, str]:
    ids = {name: str(row[name]) for name in ("order_id", "sub_order_id", "line_id", "stock_id")}
    return {**ids, "units": str(units)}
