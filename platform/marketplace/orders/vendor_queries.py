"""A vendor's lists: what is to be done by when, and everything it was ever given.

An order exists for its vendors from the moment it is paid. Every statement names the vendor whose
rows it reads, and row-level security holds the same line below it.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import transaction
from marketplace.kit.values import Values
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
        LEFT JOIN sla_clock clock ON clock.subject_id = sub_order.id AND clock.vendor_id = {vendor}
            AND clock.superseded_at IS NULL
            AND clock.kind = CASE
                WHEN sub_order.state NOT IN ('awaiting_acceptance', 'refused', 'expired')
                THEN 'ship_by' ELSE 'accept_by' END
        WHERE sub_order.vendor_id = {vendor} AND sub_order.released_at IS NOT NULL
            AND sub_order.state IN ({states}){narrowed}
    )
"""
_FOUND = """ AND (sub_order.number ILIKE {pattern}
                OR orders.customer_name ILIKE {pattern}
                OR orders.address->>'city' ILIKE {pattern}
                OR EXISTS (SELECT 1 FROM order_line line
                    WHERE line.sub_order_id = sub_order.id AND line.vendor_id = {vendor}
                        AND (line.sku ILIKE {pattern} OR line.name ILIKE {pattern}))
                OR EXISTS (SELECT 1 FROM shipment
                    WHERE shipment.sub_order_id = sub_order.id AND shipment.vendor_id = {vendor}
                        AND shipment.tracking_number ILIKE {pattern}))"""

# Lines and parcels are read for the page alone, not for all that it was chosen from.
_ROWS = """
    {mine}, page AS (
        SELECT * FROM mine WHERE {conditions} ORDER BY {key} {way}, id {way} LIMIT {limit:d}
    )
    SELECT page.*, goods.*,
        coalesce((SELECT string_agg(tracking_number, ' ' ORDER BY shipment.id) FROM shipment
            WHERE shipment.sub_order_id = page.id AND shipment.vendor_id = {vendor}), '')
            AS numbers,
        CASE WHEN is_paused THEN (SELECT cause FROM sla_pause WHERE order_id = page.order_id
            AND resumed_at IS NULL AND (subject_id IS NULL OR subject_id = page.id)
            ORDER BY paused_at LIMIT 1) END AS paused_for
    FROM page CROSS JOIN LATERAL (
        SELECT count(*) AS lines, sum(quantity - refused - cancelled) AS units,
            sum(quantity - refused - cancelled - shipped) AS units_left,
            (array_agg(name ORDER BY position))[1] AS first_item
        FROM order_line WHERE sub_order_id = page.id AND vendor_id = {vendor}
    ) goods
    ORDER BY {key} {way}, id {way}
"""


async def worklist(
    *, principal: Principal, view: View, narrowed: Narrowed, part: Slice, now: datetime
) -> list[WorkRow]:
    """The vendor's sub-orders of a view; asked for those before a key, in reverse order."""
    values, conditions = Values(), ["true"]
    is_rising = part.rising == (part.before is None)
    mine, vendor = mine_of(principal, STATES[view], narrowed, values)
    if view is View.LATE:
        late = f"due < {values.take(now)} AND met_at IS NULL AND is_paused IS NOT TRUE"
        conditions.append(late)
    if key := part.before or part.after:
        at, sub_order_id = map(values.take, key)
        conditions.append(f"({part.sort}, id) {'>' if is_rising else '<'} ({at}, {sub_order_id})")
    sql = _ROWS.format(
        mine=mine, vendor=vendor, conditions=" AND ".join(conditions), key=part.sort.value,
        way="ASC" if is_rising else "DESC", limit=part.limit,
    )  # fmt: skip
    async with transaction(principal, read_only=True) as connection:
        return [_work_row(row) for row in await connection.fetch(sql, *values)]


def mine_of(
    principal: Principal, states: Collection[SubOrderState], narrowed: Narrowed, values: Values
) -> tuple[str, str]:
    """`WITH mine AS (…)`: what of the vendor's is in a state and fits; and the vendor's name in it.

    The states are part of the statement: how many there are of each decides how it is run.
    """
    assert principal.vendor_id is not None, principal
    # In a sub-select: planned for any vendor, so that the plan is kept.
    vendor, more = f"(SELECT {values.take(principal.vendor_id)}::uuid)", ""
    if narrowed.placed_from:
        more += f" AND sub_order.placed_at >= {values.take(narrowed.placed_from)}"
    if narrowed.placed_before:
        more += f" AND sub_order.placed_at < {values.take(narrowed.placed_before)}"
    if search := narrowed.search.strip()[:LONGEST_SEARCH]:
        for special in "\\%_":
            search = search.replace(special, f"\\{special}")
        more += _FOUND.format(vendor=vendor, pattern=values.take(f"%{search}%"))
    return _MINE.format(vendor=vendor, states=listed(states), narrowed=more), vendor


def listed(states: Collection[SubOrderState]) -> str:
    """As a statement lists them."""
    return ", ".join(f"'{state}'" for state in states)


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
