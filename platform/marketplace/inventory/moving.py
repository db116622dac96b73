"""The one place where what is on hand is written: with its movement, in the same statement.

Shipping alone counts off the shelf elsewhere (`reserving.consume`), together with its promise.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from marketplace.inventory.models import MovementKind
from marketplace.kit.transactions import connection

# A count that finds what was expected is a fact, too; other changes of nothing are not.
_MOVE = """
    WITH changed AS (
        UPDATE stock SET on_hand = item.on_hand
        FROM unnest($1::uuid[], $2::int[]) AS item (id, on_hand) WHERE stock.id = item.id
        RETURNING stock.id, stock.vendor_id, new.on_hand, new.on_hand - old.on_hand AS delta
    )
    INSERT INTO stock_movement
        (id, stock_id, vendor_id, kind, delta, after, order_id, actor, reason, at)
    SELECT uuidv7($7 - clock_timestamp()), id, vendor_id, $3::text, delta, on_hand, $6, $4, $5, $7
    FROM changed WHERE delta <> 0 OR $3::text = 'counted'
"""


async def move_to(
    on_hand: Mapping[UUID, int],
    kind: MovementKind,
    *,
    actor: str,
    now: datetime,
    reason: str | None = None,
    order_id: UUID | None = None,
) -> None:
    """Make locked stock items have these pieces on hand. PostgreSQL refuses fewer than promised."""
    await connection().execute(
        _MOVE, list(on_hand), list(on_hand.values()), kind, actor, reason, order_id, now
    )
