"""A vendor picks and packs: from now on the customer cannot simply cancel."""

from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import IllegalMove
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import atomic
from marketplace.orders import locking, moving
from marketplace.orders.events import SubOrderPreparing, SubOrderReady
from marketplace.orders.models import SubOrder
from marketplace.orders.states import SubOrderMove, SubOrderState


@atomic()
async def start(*, principal: Principal, sub_order_id: UUID, now: datetime) -> SubOrder:
    """ACCEPTED becomes PREPARING. Refuses anything else (IllegalMove), and other people's."""
    locking.refuse_outsiders(principal)
    sub_order = await locking.lock_sub_order(sub_order_id, by=principal)
    await begin(sub_order, by=principal, now=now)
    return sub_order


@atomic()
async def print_pick_list(*, principal: Principal, sub_order_id: UUID, now: datetime) -> SubOrder:
    """Whoever prints the list begins to pick; printing it again, or later, changes nothing.

    Refuses what is not accepted (IllegalMove), and what was never to be picked.
    """
    locking.refuse_outsiders(principal)
    sub_order = await locking.lock_sub_order(sub_order_id, by=principal)
    if sub_order.state is SubOrderState.ACCEPTED:
        await begin(sub_order, by=principal, now=now)
    elif sub_order.released_at is None or sub_order.state is SubOrderState.AWAITING_ACCEPTANCE:
        raise IllegalMove("sub-order", sub_order.state, SubOrderMove.PREPARE)
    return sub_order


@atomic()
async def make_ready(*, principal: Principal, sub_order_id: UUID, now: datetime) -> SubOrder:
    """PREPARING becomes READY: packed, it waits for the carrier. Refuses anything else."""
    locking.refuse_outsiders(principal)
    sub_order = await locking.lock_sub_order(sub_order_id, by=principal)
    await moving.move(
        [sub_order],
        SubOrderMove.MAKE_READY,
        tell=lambda part: SubOrderReady(order_id=part.order_id, sub_order_id=part.id),
        by=principal,
        now=now,
    )
    return sub_order


async def begin(sub_order: SubOrder, *, by: Principal, now: datetime) -> None:
    """The same, of what is locked already."""
    await moving.move(
        [sub_order],
        SubOrderMove.PREPARE,
        tell=lambda part: SubOrderPreparing(order_id=part.order_id, sub_order_id=part.id),
        by=by,
        now=now,
    )
