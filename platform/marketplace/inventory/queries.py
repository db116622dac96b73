"""How much could be bought now."""

from collections.abc import Collection
from uuid import UUID

from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction

# A line is served from one location, so the fullest one counts and not the sum.
_AVAILABLE = """
    SELECT offer_id, greatest(max(available), 0) AS pieces
    FROM stock JOIN location ON location.id = stock.location_id
    WHERE offer_id = ANY($1) AND location.closed_at IS NULL GROUP BY offer_id
"""


async def available(*, principal: Principal, offer_ids: Collection[UUID]) -> dict[UUID, int]:
    """Pieces of each offer that one order line could have; offers without stock are left out."""
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(_AVAILABLE, list(offer_ids))
    return {row["offer_id"]: row["pieces"] for row in rows}
