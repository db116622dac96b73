"""The provider's lines among the items of a break."""

from collections.abc import Sequence
from typing import Any

from marketplace.kit.transactions import connection

_LINES = """
    SELECT line.*, line.metadata->>'payment_intent' AS payment_intent,
        (line.created_at AT TIME ZONE 'UTC')::date AS day,
        coalesce(parent.related_id, line.related_id, line.source_id) AS object_id
    FROM provider_transaction line
    LEFT JOIN provider_transaction parent ON line.type = 'payment_refund'
        AND (parent.source_id, parent.account) = (line.related_id, line.account)
    WHERE line.id = ANY($1) ORDER BY line.created_at, line.id
"""


async def of(items: Sequence[str]) -> list[Any]:
    """Their rows, oldest first, each with the day and the object to ask the provider about."""
    ids = {item.split(":")[1] for item in items if item.startswith("provider:")}
    rows: list[Any] = await connection().fetch(_LINES, sorted(ids))
    return rows
