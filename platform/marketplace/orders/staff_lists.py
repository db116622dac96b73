"""All orders as staff see them: a page at a time, with status and flags."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from marketplace.kit.money import Money
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, transaction
from marketplace.kit.values import Values
from marketplace.orders import held
from marketplace.orders.states import SubOrderState
from marketplace.orders.status import (
    OrderStatus,
    Part,
    PaymentStatus,
    order_status,
    payment_status,
)


class Flag(StrEnum):
    """What makes an order worth a look."""

    UNPAID = "unpaid"
    ON_HOLD = "on_hold"
    LATE = "late"
    REFUSED = "refused"
    REFUND_FAILED = "refund_failed"
    REFUNDING = "refunding"
    STUCK = "stuck"


# Each flag as a condition on `orders`: the list filters by one, and shows them all.
_FLAGS = {
    Flag.UNPAID: """EXISTS (SELECT 1 FROM sub_order
        WHERE sub_order.order_id = orders.id AND sub_order.state = 'pending')""",
    Flag.ON_HOLD: held.IS_HELD,
    Flag.LATE: """EXISTS (SELECT 1 FROM sla_clock
        WHERE sla_clock.order_id = orders.id AND sla_clock.kind = 'ship_by'
            AND sla_clock.state = 'breached' AND sla_clock.met_at IS NULL
            AND sla_clock.void_at IS NULL AND sla_clock.superseded_at IS NULL)""",
    Flag.REFUSED: """EXISTS (SELECT 1 FROM order_line
        WHERE order_line.order_id = orders.id AND order_line.refused > 0)""",
    Flag.REFUND_FAILED: """EXISTS (SELECT 1 FROM refund
        WHERE refund.order_id = orders.id AND refund.state = 'failed')""",
    Flag.REFUNDING: """EXISTS (SELECT 1 FROM payment
        WHERE payment.order_id = orders.id AND payment.refund_claimed_minor > 0)""",
    Flag.STUCK: """EXISTS (SELECT 1 FROM delivery JOIN outbox_event ON outbox_event.id = event_id
        WHERE outbox_event.stream_id = orders.id AND dead_at IS NOT NULL AND done_at IS NULL)""",
}
# The newest of those that fit: who finds more has not said enough.
_MOST_FOUND = 10_000
_SEARCHED = f"orders.id = ANY (ARRAY(SELECT orders_found({{search}}, {_MOST_FOUND})))"
# What is read of an order anyway says these, without a look for each row.
_SAID = {Flag.REFUNDING: "payment.refund_claimed_minor > 0"}
_SAID_BY_PARTS = (Flag.UNPAID, Flag.REFUSED)
_SHOWN = ", ".join(
    f"{condition} AS {flag}"
    for flag, condition in (_FLAGS | _SAID).items()
    if flag not in _SAID_BY_PARTS
)
_COLUMNS = f"""orders.id, orders.number, orders.customer_name, orders.email, orders.placed_at,
    orders.total_minor, orders.currency, payment.captured_minor, payment.refunded_minor,
    {held.IS_HELD} AS is_held, {_SHOWN}"""
_PARTS = """
    SELECT sub_order.order_id, sub_order.state, vendor.name AS vendor,
        sum(line.quantity - line.refused - line.cancelled)::int AS live,
        sum(line.shipped)::int AS shipped, sum(line.delivered)::int AS delivered,
        sum(line.refused)::int AS refused
    FROM sub_order JOIN vendor ON vendor.id = sub_order.vendor_id
    JOIN order_line line ON line.sub_order_id = sub_order.id AND line.order_id = ANY($1)
    WHERE sub_order.order_id = ANY($1)
    GROUP BY sub_order.id, vendor.name ORDER BY sub_order.number
"""
_WAITING = """
    SELECT (SELECT count(*) FROM delivery WHERE dead_at IS NOT NULL AND done_at IS NULL)
            AS set_aside,
        (SELECT count(*) FROM order_hold WHERE released_at IS NULL) AS holds,
        (SELECT count(*) FROM scorecard_appeal WHERE state = 'open') AS standing
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedOrder:
    id: UUID
    number: str
    customer_name: str
    email: str
    placed_at: datetime
    total: Money
    vendors: Sequence[str]
    status: OrderStatus
    payment_status: PaymentStatus
    flags: Sequence[Flag]


async def orders(
    *,
    principal: Principal,
    search: str | None,
    flag: Flag | None,
    after: UUID | None,
    before: UUID | None,
    most: int,
) -> list[ListedOrder]:
    """The newest first, from behind `after`; or, backwards, what stands before `before`.

    `search` is what somebody says of an order: its number or a sub-order's, a part of a name, an
    e-mail address or a product's name, a whole tracking number or SKU.
    """
    async with transaction(principal, read_only=True):
        sql, values = _page(search, flag, after, before, most)
        rows = await connection().fetch(sql, *values)
        parts = await connection().fetch(_PARTS, [row["id"] for row in rows])
    by_order: defaultdict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for part in parts:
        by_order[part["order_id"]].append(part)
    return [_listed(row, by_order[row["id"]]) for row in rows]


async def batches(
    *, principal: Principal, search: str | None, flag: Flag | None, size: int = 500
) -> AsyncIterator[Sequence[ListedOrder]]:
    """Every order that the list would show, the newest first, `size` at a time."""
    after: UUID | None = None
    while True:
        found = await orders(
            principal=principal, search=search, flag=flag, after=after, before=None, most=size
        )
        yield found
        if len(found) < size:
            return
        after = found[-1].id


async def waiting(*, principal: Principal) -> dict[str, int]:
    """How much waits for staff: news `set_aside`, open `holds`, vendors' appeals (`standing`)."""
    async with transaction(principal, read_only=True):
        return dict(await connection().fetchrow(_WAITING))


def _page(
    search: str | None, flag: Flag | None, after: UUID | None, before: UUID | None, most: int
) -> tuple[str, Values]:
    values, conditions = Values(), ["true"]
    beyond, direction = ("<", "DESC") if before is None else (">", "ASC")
    if search:
        conditions.append(_SEARCHED.format(search=values.take(search)))
    if flag:
        conditions.append(_FLAGS[flag])
    if key := before or after:
        conditions.append(f"orders.id {beyond} {values.take(key)}")
    sql = f"""
        WITH page AS MATERIALIZED (
            SELECT * FROM orders WHERE {" AND ".join(conditions)}
            ORDER BY orders.id {direction} LIMIT {most:d}
        )
        SELECT {_COLUMNS} FROM page AS orders JOIN payment ON payment.order_id = orders.id
        ORDER BY orders.id {direction}
    """
    return sql, values


def _listed(row: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> ListedOrder:
    is_flagged = dict(row) | {
        Flag.UNPAID: any(part["state"] == SubOrderState.PENDING for part in parts),
        Flag.REFUSED: any(part["refused"] for part in parts),
    }
    return ListedOrder(
        id=row["id"],
        number=row["number"],
        customer_name=row["customer_name"],
        email=row["email"],
        placed_at=row["placed_at"],
        total=Money(row["total_minor"], row["currency"]),
        vendors=[part["vendor"] for part in parts],
        status=order_status(
            [_part(part) for part in parts],
            is_paid=row["captured_minor"] >= row["total_minor"],
            is_held=row["is_held"],
        ),
        payment_status=payment_status(
            captured_minor=row["captured_minor"], refunded_minor=row["refunded_minor"]
        ),
        flags=[flag for flag in Flag if is_flagged[flag]],
    )


def _part(row: Mapping[str, Any]) -> Part:
    return Part(SubOrderState(row["state"]), row["live"], row["shipped"], row["delivered"])
