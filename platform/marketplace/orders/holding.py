"""The row of a hold, its event, and the deadlines that stand still for it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.orders import asking_address, held, history
from marketplace.orders.history import Change
from marketplace.orders.hold_events import OrderHoldPlaced
from marketplace.orders.hold_models import HoldKind, OrderHold
from marketplace.orders.models import SubOrder
from marketplace.sla import pausing
from marketplace.sla.models import PauseCause


async def place(
    *,
    order_id: UUID,
    sub_order_id: UUID | None,
    kind: HoldKind,
    reason: str,
    by: Principal,
    now: datetime,
) -> UUID:
    """Call it under the order's lock, where all rows are seen; the hold's id."""
    placed = await OrderHold.create(
        id=new_id(now), order_id=order_id, sub_order_id=sub_order_id, kind=kind, reason=reason,
        placed_by=by.key, placed_at=now,
    )  # fmt: skip
    await _tell(placed, by, now)
    # Vendors read pauses: why and by whom is not for them.
    subjects = await held.subjects_of(sub_order_id)
    await pausing.pause(
        order_id=order_id, cause=PauseCause.HOLD, reference=placed.id, subject_ids=subjects, now=now
    )
    if kind is HoldKind.ADDRESS:
        await asking_address.ask(placed, by=by, now=now)
    return placed.id


async def follow(sub_order: SubOrder, into: Sequence[SubOrder], *, now: datetime) -> None:
    """Units that go to other vendors stay held by what holds the part they come from."""
    holds = await OrderHold.filter(sub_order_id=sub_order.id, released_at=None).order_by("id")
    for hold in holds:
        for part in into:
            await place(
                order_id=part.order_id, sub_order_id=part.id, kind=hold.kind, reason=hold.reason,
                by=SYSTEM, now=now,
            )  # fmt: skip


async def _tell(placed: OrderHold, by: Principal, now: datetime) -> None:
    change = Change(
        subject="order_hold",
        subject_id=placed.id,
        vendor_id=None,
        from_state=None,
        to_state=held.OPEN,
        move="hold",
        event=OrderHoldPlaced(
            order_id=placed.order_id, hold_id=placed.id, sub_order_id=placed.sub_order_id
        ),
    )
    await history.record_changes([change], by=by, now=now, reason=placed.reason)
