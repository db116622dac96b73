"""A vendor's lists: what is to be done by when, and everything it was ever given.

An order exists for its vendors from the moment it is paid. Every statement names the vendor whose
rows it reads, and row-level security holds the same line below it.
"""

from datetime import datetime
from typing import Any

from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from marketplace.orders.states import SubOrderState
from marketplace.orders.vendor_worklists import STATES, Narrowed, Slice, View, WorkRow
from marketplace.sla.models import PauseCause

LONGEST_SEARCH = 100


_MINE = """
    WITH mine AS (
        SELECT sub_order.id, sub_order.order_id, sub_order.number, sub_order.state,
            sub_order.placed_at AS placed,
            coalesce(clock.due_at, sub_order.placed_at) AS due, clock.met_at,
            clock.state = 'paused' AS is_paused,
            sub_order.total_minor, sub_order.currency, orders.customer_name,
            coalesce(orders.address->>'city', '') AS city,
            coalesce(orders.address->>'country', '') AS country
        FROM sub_order
        JOIN orders ON orders.id = sub_order.order_id
        LEFT JOIN sla_clock clock ON clock.subject_id = sub_order.id AND clock.vendor_id = $1
            AND clock.superseded_at IS NULL
            AND clock.kind = CASE
                WHEN sub_order.state NOT IN ('awaiting_acceptance', 'refused', 'expired')
                THEN 'ship_by' ELSE 'accept_by' END
        WHERE sub_order.vendor_id = $1 AND sub_order.released_at IS NOT NULL
            AND ($2::timestamptz IS NULL OR sub_order.placed_at >= $2)
            AND ($3::timestamptz IS NULL OR sub_order.placed_at < $3)
            AND ($4::text IS NULL
                OR sub_order.number ILIKE $4
                OR orders.customer_name ILIKE $4
                OR orders.address->>'city' ILIKE $4
                OR EXISTS (SELECT 1 FROM order_line line
                    WHERE line.sub_order_id = sub_order.id AND line.vendor_id = $1
                        AND (line.sku ILIKE $4 OR line.name ILIKE $4))
                OR EXISTS (SELECT 1 FROM shipment
                    WHERE shipment.sub_order_id = sub_order.id AND shipment.vendor_id = $1
                        AND shipment.tracking_number ILIKE $4))
    )
"""

_COUNTS = f"""
    {_MINE}
    SELECT state, count(*) AS found,
        count(*) FILTER (WHERE due < $5 AND met_at IS NULL AND state = ANY($6)
            AND is_paused IS NOT TRUE) AS late
    FROM mine GROUP BY state
"""

# Lines and parcels are read for the page alone, not for all that it was chosen from.
_ROWS = f"""
    {_MINE}, page AS (
        SELECT * FROM mine
        WHERE state = ANY($5) AND ($6::timestamptz IS NULL
                OR due < $6 AND met_at IS NULL AND is_paused IS NOT TRUE)
            AND ($7::timestamptz IS NULL OR ({{key}}, id) {{beyond}} ($7, $8::uuid))
        ORDER BY {{key}} {{way}}, id {{way}} LIMIT $9
    )
    SELECT page.*, goods.*,
        coalesce((SELECT string_agg(tracking_number, ' ' ORDER BY shipment.id) FROM shipment
            WHERE shipment.sub_order_id = page.id AND shipment.vendor_id = $1), '') AS numbers,
        CASE WHEN is_paused THEN (SELECT cause FROM sla_pause WHERE order_id = page.order_id
            AND resumed_at IS NULL AND (subject_id IS NULL OR subject_id = page.id)
            ORDER BY paused_at LIMIT 1) END AS paused_for
    FROM page CROSS JOIN LATERAL (
        SELECT count(*) AS lines, sum(quantity - refused - cancelled) AS units,
            sum(quantity - refused - cancelled - shipped) AS units_left,
            (array_agg(name ORDER BY position))[1] AS first_item
        FROM order_line WHERE sub_order_id = page.id AND vendor_id = $1
    ) goods
    ORDER BY {{key}} {{way}}, id {{way}}
"""

_TO_DO = """
    SELECT count(*) FROM sub_order
    WHERE vendor_id = $1 AND state = ANY($2) AND released_at IS NOT NULL
"""


async def count_to_do(*, principal: Principal) -> int:
    """How many of the vendor's orders wait for it."""
    async with transaction(principal, read_only=True) as connection:
        return int(await connection.fetchval(_TO_DO, principal.vendor_id, list(STATES[View.TO_DO])))


async def count_views(
    *, principal: Principal, narrowed: Narrowed, now: datetime
) -> dict[View, int]:
    """How many rows each view would have."""
    async with transaction(principal, read_only=True) as connection:
        rows = await connection.fetch(
            _COUNTS, *_narrowing(principal, narrowed), now, list(STATES[View.TO_DO])
        )
    counts = {
        view: sum(row["found"] for row in rows if row["state"] in states)
        for view, states in STATES.items()
    }
    return {**counts, View.LATE: sum(row["late"] for row in rows)}


async def worklist(
    *, principal: Principal, view: View, narrowed: Narrowed, part: Slice, now: datetime
) -> list[WorkRow]:
    """The vendor's sub-orders of a view; asked for those before a key, in reverse order."""
    key = part.before or part.after
    is_rising = part.rising == (part.before is None)
    sql = _ROWS.format(
        key=part.sort.value,
        beyond=">" if is_rising else "<",
        way="ASC" if is_rising else "DESC",
    )
    async with transaction(principal, read_only=True) as connection:
        rows = await connection.fetch(
            sql,
            *_narrowing(principal, narrowed),
            list(STATES[view]),
            now if view is View.LATE else None,
            *(key or (None, None)),
            part.limit,
        )
    return [_work_row(row) for row in rows]


def _narrowing(principal: Principal, narrowed: Narrowed) -> tuple[object, ...]:
    assert principal.vendor_id is not None, principal
    search = narrowed.search.strip()[:LONGEST_SEARCH]
    for special in "\\%_":
        search = search.replace(special, f"\\{special}")
    pattern = f"%{search}%" if search else None
    return principal.vendor_id, narrowed.placed_from, narrowed.placed_before, pattern


def _work_row(row: Any) -> WorkRow:
    return WorkRow(
        id=row["id"],
        number=row["number"],
        state=SubOrderState(row["state"]),
        placed_at=row["placed"],
        due_at=row["due"],
        met_at=row["met_at"],
        paused_for=PauseCause(row["paused_for"]) if row["paused_for"] else None,
        customer_name=row["customer_name"],
        city=row["city"],
        country=row["country"],
        first_item=row["first_item"],
        lines=row["lines"],
        units=row["units"],
        left=row["units_left"],
        total=Money(row["total_minor"], row["currency"]),
        tracking_numbers=row["numbers"],
    )
