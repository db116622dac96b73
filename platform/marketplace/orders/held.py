"""What stands still: the open holds of an order, and how they end.

Holds are placed and ended under their order's lock, so whoever has it may trust what it reads.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection, elevated
from marketplace.orders import history
from marketplace.orders.errors import OnHold
from marketplace.orders.history import Change
from marketplace.orders.hold_events import OrderHoldReleased
from marketplace.orders.hold_models import OrderHold
from marketplace.orders.models import SubOrder
from marketplace.sla import pausing
from marketplace.sla.models import PauseCause

OPEN, CLOSED = "open", "released"

_HELD = """
    SELECT sub_order.id FROM sub_order
    WHERE sub_order.id = ANY($1) AND EXISTS (
        SELECT 1 FROM order_hold hold
        WHERE hold.order_id = sub_order.order_id AND hold.released_at IS NULL
            AND (hold.sub_order_id IS NULL OR hold.sub_order_id = sub_order.id))
"""
_PICKUPS = "SELECT id FROM shipment WHERE sub_order_id = $1 AND collect_by IS NOT NULL"
_IDLE = """
    SELECT id FROM order_hold hold
    WHERE hold.order_id = $1 AND hold.released_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM order_line line
        WHERE line.order_id = hold.order_id
            AND line.quantity > line.refused + line.cancelled + line.shipped
            AND (hold.sub_order_id IS NULL OR line.sub_order_id = hold.sub_order_id))
"""
_CLOSE = """
    UPDATE order_hold SET released_at = $2, released_by = $3, note = $4
    WHERE id = ANY($1) AND released_at IS NULL
"""

# How long a parcel that waits at a store was on hold, and whether it is: nobody could collect it
# then, so that time comes on top. A question about another line keeps nobody from collecting.
# Vendors may read pauses, and not the holds behind them.
PICKUP_HELD = """LEFT JOIN LATERAL (
    SELECT coalesce(bool_or(stop.resumed_at IS NULL), false) AS lasts,
        (SELECT sum(upper(span) - lower(span)) FROM unnest(range_agg(tstzrange(
            greatest(stop.paused_at, shipment.created_at), stop.resumed_at))) AS span) AS took
    FROM sla_pause stop
    WHERE shipment.collect_by IS NOT NULL AND stop.order_id = shipment.order_id
        AND (stop.subject_id IS NULL OR stop.subject_id IN (shipment.sub_order_id, shipment.id))
        AND (stop.cause <> 'customer' OR stop.reference IS NULL)
        AND (stop.resumed_at IS NULL OR stop.resumed_at > shipment.created_at)
) held ON true"""
COLLECT_BY = "shipment.collect_by + coalesce(held.took, interval '0')"
# Whether an order waits for staff or for its customer, as a condition on `orders`. What holds a
# part of it that its vendor has already counts for the vendor alone.
IS_HELD = """EXISTS (
    SELECT 1 FROM order_hold hold LEFT JOIN sub_order held ON held.id = hold.sub_order_id
    WHERE hold.order_id = orders.id AND hold.released_at IS NULL
        AND (hold.sub_order_id IS NULL OR held.state = 'pending'))"""


async def among(sub_order_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those that are held, by themselves or with their whole order. Needs the scope of all rows."""
    rows = await connection().fetch(_HELD, list(sub_order_ids))
    return frozenset(row["id"] for row in rows)


async def refuse_held(sub_order: SubOrder) -> None:
    """Refuses (OnHold) to let anything of a held sub-order leave. Its order is locked.

    Who asks may be a vendor: it learns that there is a hold, and nothing else of it.
    """
    async with elevated():
        is_held = sub_order.id in await among([sub_order.id])
    if is_held:
        raise OnHold(number=sub_order.number)


async def subjects_of(sub_order_id: UUID | None) -> list[UUID] | None:
    """Whose deadlines stand still with a part of an order; None for all of the order's.

    What waits to be collected has a deadline of its own.
    """
    if sub_order_id is None:
        return None
    rows = await connection().fetch(_PICKUPS, sub_order_id)
    return [sub_order_id, *(row["id"] for row in rows)]


async def close(holds: Sequence[OrderHold], *, note: str, by: Principal, now: datetime) -> None:
    """End open holds of one locked order: each with its event, and its deadlines go on."""
    if not holds:
        return
    await connection().execute(_CLOSE, [hold.id for hold in holds], now, by.key, note)
    changes = [
        Change(
            subject="order_hold",
            subject_id=hold.id,
            vendor_id=None,
            from_state=OPEN,
            to_state=CLOSED,
            move="release",
            event=OrderHoldReleased(
                order_id=hold.order_id, hold_id=hold.id, sub_order_id=hold.sub_order_id
            ),
        )
        for hold in holds
    ]
    await history.record_changes(changes, by=by, now=now, reason=note)
    for hold in holds:
        subjects = await subjects_of(hold.sub_order_id)
        await pausing.resume(
            order_id=hold.order_id, cause=PauseCause.HOLD, reference=hold.id,
            subject_ids=subjects, now=now,
        )  # fmt: skip


async def let_go(order_id: UUID, *, note: str, by: Principal, now: datetime) -> None:
    """End the holds of what nothing is left of to send: it waits for nobody.

    Call it under the order's lock, where all rows are seen.
    """
    idle = [row["id"] for row in await connection().fetch(_IDLE, order_id)]
    if idle:
        holds = await OrderHold.filter(id__in=idle).order_by("id")
        await close(holds, note=note, by=by, now=now)
