"""What still waits of a sub-order's earning, and its reserve where that is not enough."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from marketplace.kit.transactions import connection
from settlement import chart
from settlement.earnings import reserving
from settlement.ledger import Posting

# From the sub-orders' entries to their accounts: joined, it was planned the other way about, every
# vendor's account first.
LEFT = """
    SELECT entry.sub_order_id, -sum(entry.amount_minor)::bigint AS left_minor
    FROM ledger_entry entry
    WHERE entry.sub_order_id = ANY($1) AND '2110' =
        (SELECT account.code FROM ledger_account account WHERE account.id = entry.account_id)
    GROUP BY entry.sub_order_id
"""


async def left(sub_order_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Minor units on 2110 by sub-order. Lock the earnings first, or it may move meanwhile."""
    wanted = list(sub_order_ids)
    if not wanted:
        return {}
    rows = await connection().fetch(LEFT, wanted)
    return {row["sub_order_id"]: row["left_minor"] for row in rows}


async def cover(left_minor: Mapping[UUID, int], *, key: str, now: datetime) -> list[Posting]:
    """Postings that take from the reserve of each sub-order what it lacks, as far as it goes.

    `left_minor` is what its pending part will be; those not below zero are left alone.
    """
    short = {part: -minor for part, minor in left_minor.items() if minor < 0}
    if not short:
        return []
    postings: list[Posting] = []
    for part, reserve in (await reserving.lock(list(short))).items():
        amount = min(short[part], reserve.left_minor)
        into = chart.vendor_pending(reserve.vendor_id)
        postings += await reserving.use([(reserve, amount)], into=into, key=key, now=now)
    return postings
