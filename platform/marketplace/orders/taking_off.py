"""Units come off an order before they leave: off its lines, back on the shelf, out of the state.

What it costs whom is not decided here: the callers give the money back.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from marketplace.inventory import committing, reserving
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, elevated
from marketplace.orders import finishing, held, moving
from marketplace.orders.events import (
    SubOrderCancelled,
    SubOrderEvent,
    SubOrderPartlyCancelled,
    SubOrderShipped,
)
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.orders.states import GONE, PACKED, SubOrderMove, SubOrderState
from marketplace.sla import clocks
from marketplace.sla.models import ClockKind

_CANCEL_UNITS = """
    UPDATE order_line SET cancelled = cancelled + item.units
    FROM unnest($1::uuid[], $2::int[]) AS item (id, units) WHERE order_line.id = item.id
"""
_VARIANTS = """
    SELECT DISTINCT variant_id FROM order_line line JOIN offer ON offer.id = line.offer_id
    WHERE line.id = ANY($1)
"""
# The parcel that was the last to leave: with it went all that is left.
_LAST_PARCEL = """
    SELECT id FROM shipment WHERE sub_order_id = $1 AND shipped_at IS NOT NULL
    ORDER BY state = ANY($2), shipped_at DESC, id DESC LIMIT 1
"""


def free_units(lines: Sequence[OrderLine], packed: Mapping[UUID, int]) -> dict[UUID, int]:
    """By line: live, not out of the door, and in no parcel that waits for its carrier."""
    return {line.id: line.live - line.shipped - packed.get(line.id, 0) for line in lines}


def step_of(
    sub_order: SubOrder, lines: Sequence[OrderLine], units: Mapping[UUID, int]
) -> SubOrderMove:
    """What becomes of a sub-order, given all its lines, when these units come off it."""
    off = sum(units.get(line.id, 0) for line in lines)
    waiting = sum(line.live - line.shipped for line in lines) - off
    if waiting:
        return SubOrderMove.CANCEL_PART
    if sub_order.state is SubOrderState.PARTLY_SHIPPED:
        return SubOrderMove.CANCEL_REST
    return SubOrderMove.CANCEL


async def hold_shelves(line_ids: Collection[UUID], *, elsewhere: bool = False) -> None:
    """Hold the shelves of several sub-orders' lines at once, before the first of them goes.

    Shelf by shelf they would be held in another order than a placement takes them, and both would
    wait for each other. With `elsewhere` all that others sell of the same, too.
    """
    rows = await connection().fetch(_VARIANTS, list(line_ids)) if elsewhere else []
    await committing.lock(line_ids=line_ids, variant_ids=[row["variant_id"] for row in rows])


async def take_off(
    sub_order: SubOrder,
    lines: Sequence[OrderLine],
    units: Mapping[UUID, int],
    *,
    by: Principal,
    now: datetime,
    reason: str,
) -> SubOrderMove:
    """Take free units off a sub-order that is locked; `lines` are all of its lines.

    What was partly shipped is SHIPPED, and so earned, once nothing is left to send, and DELIVERED
    when that has arrived. Refund before you call it: what is refunded first is not earned.
    """
    step = step_of(sub_order, lines, units)
    was_pending = sub_order.state is SubOrderState.PENDING
    await connection().execute(_CANCEL_UNITS, list(units), list(units.values()))
    if was_pending:
        await reserving.expire(units)
    await reserving.release(units)
    event = await _event(sub_order, step)
    await moving.move([sub_order], step, tell=lambda _: event, by=by, now=now, reason=reason)
    if step is SubOrderMove.CANCEL:
        await clocks.void(subject_ids=[sub_order.id], now=now)
    elif step is SubOrderMove.CANCEL_REST:
        await clocks.void(subject_ids=[sub_order.id], kinds=[ClockKind.SHIP_BY], now=now)
        await finishing.finish(sub_order, by=by, now=now)
    if step is not SubOrderMove.CANCEL_PART:
        async with elevated():
            await held.let_go(sub_order.order_id, note=reason, by=by, now=now)
    return step


async def _event(sub_order: SubOrder, step: SubOrderMove) -> SubOrderEvent:
    order_id, sub_order_id = sub_order.order_id, sub_order.id
    if step is SubOrderMove.CANCEL_PART:
        return SubOrderPartlyCancelled(order_id=order_id, sub_order_id=sub_order_id)
    if step is SubOrderMove.CANCEL:
        return SubOrderCancelled(order_id=order_id, sub_order_id=sub_order_id)
    shipment_id = await connection().fetchval(_LAST_PARCEL, sub_order_id, [*PACKED, *GONE])
    return SubOrderShipped(order_id=order_id, sub_order_id=sub_order_id, shipment_id=shipment_id)
