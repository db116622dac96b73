"""How much there is in each view of a vendor's worklist."""

from datetime import datetime

from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from marketplace.kit.values import Values
from marketplace.orders.states import SubOrderState
from marketplace.orders.vendor_queries import listed, mine_of
from marketplace.orders.vendor_worklists import STATES, Narrowed, View

MANY = 1000  # of each finished state; a vendor of many years is not counted through for a tab

_COUNTS = """
    {mine}
    SELECT state, count(*) AS found,
        count(*) FILTER (WHERE due < {now} AND met_at IS NULL AND state IN ({to_do})
            AND is_paused IS NOT TRUE) AS late
    FROM mine GROUP BY state
"""
# Counted from the index alone, where no orders are searched.
_FINISHED = f"""
    UNION ALL
    SELECT asked.state, (SELECT count(*) FROM (
        SELECT FROM sub_order WHERE vendor_id = {{vendor}} AND sub_order.state = asked.state
            AND released_at IS NOT NULL LIMIT {MANY}) few), 0
    FROM unnest(ARRAY[{{finished}}]) AS asked (state)
"""
_WAITING = """
    SELECT (
        SELECT count(*) FROM sub_order
        WHERE vendor_id = $1 AND state = ANY($2) AND released_at IS NOT NULL) AS work, (
        SELECT count(*) FROM scorecard_standing
        WHERE vendor_id = $1 AND state <> 'good') AS performance
"""


async def waiting(*, principal: Principal) -> dict[str, int]:
    """What waits for the vendor: orders (`work`), and a warning or a suspension (`performance`)."""
    to_do = list(STATES[View.TO_DO])
    async with transaction(principal, read_only=True) as connection:
        return dict(await connection.fetchrow(_WAITING, principal.vendor_id, to_do))


async def count_views(
    *, principal: Principal, narrowed: Narrowed, now: datetime
) -> dict[View, int]:
    """How many rows each view would have; `MANY` or more where all of finished ones are asked."""
    to_do = list(STATES[View.TO_DO])
    is_all = narrowed == Narrowed()
    looked_at = to_do if is_all else list(SubOrderState)
    finished = [state for state in SubOrderState if state not in looked_at]
    values = Values()
    mine, vendor = mine_of(principal, looked_at, narrowed, values)
    sql = _COUNTS.format(
        mine=mine, now=f"(SELECT {values.take(now)}::timestamptz)", to_do=listed(to_do)
    )
    if finished:
        sql += _FINISHED.format(vendor=vendor, finished=listed(finished))
    async with transaction(principal, read_only=True) as connection:
        rows = await connection.fetch(sql, *values)
    counts = {
        view: sum(row["found"] for row in rows if row["state"] in states)
        for view, states in STATES.items()
    }
    return {**counts, View.LATE: sum(row["late"] for row in rows)}
