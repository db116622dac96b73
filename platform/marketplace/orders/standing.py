"""Let an order's deadlines stand still, by hand: what delays it is not its vendors' doing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import atomic, connection, transaction
from marketplace.orders import locking
from marketplace.orders.errors import NothingToDo
from marketplace.sla import access, pausing
from marketplace.sla.models import PauseCause, SlaPause

_FOLLOWS = """
    SELECT EXISTS (SELECT 1 FROM sla_clock WHERE order_id = $1 AND next_action_at IS NOT NULL)
"""
# A hold has an operation of its own, which ends its pause too.
BY_HAND = (PauseCause.CARRIER, PauseCause.CUSTOMER, PauseCause.PLATFORM)


async def pauses(*, principal: Principal, order_id: UUID) -> Sequence[SlaPause]:
    """What an order's deadlines wait for now, the oldest first. Staff may."""
    if principal.kind not in (Kind.STAFF, Kind.SYSTEM):
        raise NotFound("order")
    async with transaction(principal, read_only=True):
        return await SlaPause.filter(order_id=order_id, resumed_at=None).order_by("paused_at")


@atomic()
async def pause(
    *, principal: Principal, order_id: UUID, cause: PauseCause, note: str, now: datetime
) -> None:
    """Operations may. Refuses what nothing would follow from (NothingToDo), and no reason given.

    Of what was missed already, later actions wait.
    """
    access.check_operator(principal, "stop an order's deadlines")
    note = " ".join(note.split())
    if cause not in BY_HAND or not 0 < len(note) <= pausing.LONGEST_NOTE:
        raise InvalidInput("note", "it says why", f"1 to {pausing.LONGEST_NOTE} characters")
    await locking.lock_order(order_id)
    stopped = await pausing.pause(order_id=order_id, cause=cause, note=note, by=principal, now=now)
    if not stopped and not await connection().fetchval(_FOLLOWS, order_id):
        raise NothingToDo(action="stop")


@atomic()
async def resume(*, principal: Principal, order_id: UUID, cause: PauseCause, now: datetime) -> None:
    """Operations may. What is left of each deadline comes after; a second time does nothing."""
    access.check_operator(principal, "stop an order's deadlines")
    if cause not in BY_HAND:
        raise InvalidInput("cause", "it ends with what caused it", ", ".join(BY_HAND))
    await locking.lock_order(order_id)
    await pausing.resume(order_id=order_id, cause=cause, by=principal, now=now)
