"""Put an order on hold, and let it go on: nothing new reaches a vendor in between."""

from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import Forbidden, InvalidInput, NotFound
from marketplace.kit.principal import Kind, Principal, StaffRole
from marketplace.kit.transactions import atomic
from marketplace.orders import held, holding, locking, releasing
from marketplace.orders.errors import NothingToDo
from marketplace.orders.hold_models import HoldKind, OrderHold
from marketplace.orders.models import SubOrder
from marketplace.orders.states import SubOrderState

HOLDERS = frozenset({StaffRole.OPERATIONS, StaffRole.SUPPORT, StaffRole.ADMINISTRATOR})
LONGEST = 200  # characters of a reason or a note
# Nothing of these will still leave a vendor.
_OVER = frozenset({
    SubOrderState.SHIPPED, SubOrderState.DELIVERED, SubOrderState.CLOSED, SubOrderState.REFUSED,
    SubOrderState.EXPIRED, SubOrderState.CANCELLED,
})  # fmt: skip


@atomic()
async def hold(
    *,
    principal: Principal,
    order_id: UUID,
    kind: HoldKind,
    reason: str,
    now: datetime,
    sub_order_id: UUID | None = None,
) -> UUID:
    """Hold a whole order or one sub-order; the hold's id.

    What was not released to vendors stays unseen by them; elsewhere deadlines stand still and
    nothing may be shipped. An address hold sends the customer a link to put the address right.
    Held for the same kind of reason already, it is that hold. Operations, support, administrators
    and the system may. Refuses others, a reason that is empty or above 200 characters, a sub-order
    that is not of the order, and an order of which nothing is left to send (NothingToDo).
    """
    _check(principal, "put an order on hold")
    reason = _words("reason", reason)
    sub_orders = await locking.lock_sub_orders(order_id)
    _check_left(sub_orders, sub_order_id)
    there = await OrderHold.get_or_none(
        order_id=order_id, sub_order_id=sub_order_id, kind=kind, released_at=None
    )
    if there is not None:
        return there.id
    return await holding.place(
        order_id=order_id, sub_order_id=sub_order_id, kind=kind, reason=reason, by=principal,
        now=now,
    )  # fmt: skip


@atomic()
async def release(*, principal: Principal, hold_id: UUID, note: str, now: datetime) -> bool:
    """End a hold; once nothing else holds it, what is paid for goes to its vendors.

    False where it was released before: nothing happens again. Refuses other roles, and a note that
    is empty or above 200 characters.
    """
    _check(principal, "release an order")
    note = _words("note", note)
    found = await OrderHold.get_or_none(id=hold_id)
    if found is None:
        raise NotFound("hold")
    await locking.lock_order(found.order_id)
    # Two who release at once: the second finds it released.
    await found.refresh_from_db()
    if found.released_at is not None:
        return False
    await lift(found, note=note, by=principal, now=now)
    return True


async def lift(found: OrderHold, *, note: str, by: Principal, now: datetime) -> None:
    """End an open hold of a locked order, and release what is paid and free by it."""
    await held.close([found], note=note, by=by, now=now)
    await releasing.release_freed(order_id=found.order_id, now=now)


def _check_left(sub_orders: list[SubOrder], sub_order_id: UUID | None) -> None:
    asked = [part for part in sub_orders if sub_order_id in (None, part.id)]
    if not asked:
        raise NotFound("sub-order")
    if all(part.state in _OVER for part in asked):
        raise NothingToDo(action="hold")


def _check(principal: Principal, to_do: str) -> None:
    is_holder = principal.kind is Kind.STAFF and principal.roles & HOLDERS
    if principal.kind is not Kind.SYSTEM and not is_holder:
        raise Forbidden(to_do)


def _words(name: str, typed: str) -> str:
    words = typed.strip()
    if not 0 < len(words) <= LONGEST:
        raise InvalidInput(name, "it is empty or too long", f"1 to {LONGEST} characters")
    return words
