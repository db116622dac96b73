"""A sub-order in each of its states, led there by what people do."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole
from marketplace.orders import (
    accepting,
    calling_off,
    closing,
    deadlines,
    delivering,
    losing,
    preparing,
    shipping,
)
from marketplace.orders.models import OrderLine, Shipment, SubOrder
from marketplace.orders.states import SubOrderState
from marketplace.orders.tracks import Resolution
from tests.factories import NOON, make_offer, make_order, make_paid_order, member, parts_of

S = SubOrderState
UNITS = 3
LONG_AFTER = NOON + timedelta(days=200)
STAFF = Principal(Kind.STAFF, id=UUID(int=7), roles=frozenset({StaffRole.OPERATIONS}))


def key() -> str:
    return uuid4().hex


async def paid(quantity: int = UNITS, *, on_hand: int = 20) -> SubOrder:
    mug = await make_offer(price=10_00, on_hand=on_hand)
    [part] = await parts_of(await make_paid_order({mug.id: quantity}))
    return part


async def line_of(part: SubOrder) -> OrderLine:
    return await OrderLine.get(sub_order_id=part.id)


async def accept(part: SubOrder) -> None:
    await accepting.accept(principal=member(part.vendor_id), sub_order_id=part.id, now=NOON)


async def refuse(part: SubOrder) -> None:
    line = await line_of(part)
    await accepting.accept(
        principal=member(part.vendor_id), sub_order_id=part.id, refused={line.id: line.live},
        reason="broken", now=NOON,
    )  # fmt: skip


async def prepare(part: SubOrder) -> None:
    await preparing.start(principal=member(part.vendor_id), sub_order_id=part.id, now=NOON)


async def make_ready(part: SubOrder) -> None:
    await preparing.make_ready(principal=member(part.vendor_id), sub_order_id=part.id, now=NOON)


async def ship(part: SubOrder, units: int | None = None, *, now: datetime = NOON) -> UUID:
    line = await line_of(part)
    return await shipping.ship(
        principal=member(part.vendor_id), sub_order_id=part.id, carrier="Post",
        tracking_number="1", key=key(), units=None if units is None else {line.id: units}, now=now,
    )  # fmt: skip


async def ship_part(part: SubOrder) -> None:
    await ship(part, 1)


async def ship_rest(part: SubOrder) -> None:
    await ship(part)


async def deliver(part: SubOrder) -> None:
    for shipment in await Shipment.filter(sub_order_id=part.id).order_by("id"):
        await delivering.deliver(principal=SYSTEM, shipment_id=shipment.id, now=NOON)


async def close(part: SubOrder) -> None:
    await closing.close_due(now=LONG_AFTER)


async def cancel(part: SubOrder) -> None:
    await calling_off.cancel(
        principal=STAFF, order_id=part.order_id, reason="asked", key=key(), now=NOON
    )


async def cancel_one(part: SubOrder) -> None:
    line = await line_of(part)
    await calling_off.cancel(
        principal=STAFF, order_id=part.order_id, units={line.id: 1}, reason="asked", key=key(),
        now=NOON,
    )  # fmt: skip


async def expire(part: SubOrder) -> None:
    await deadlines.work_off(now=LONG_AFTER)


async def lose(part: SubOrder, wish: Resolution, *, every: bool) -> None:
    found = await Shipment.filter(sub_order_id=part.id, resolution=None).order_by("id")
    for shipment in found if every else found[:1]:
        await losing.report(
            principal=STAFF, shipment_id=shipment.id, came_back=False, reason="gone", now=NOON
        )
        await losing.resolve(principal=STAFF, shipment_id=shipment.id, wish=wish, now=NOON)


async def lead(state: SubOrderState) -> SubOrder:
    """A sub-order of three units in this state, by the doors that lead there."""
    if state is S.PENDING:
        mug = await make_offer(price=10_00, on_hand=20)
        [part] = await parts_of(await make_order({mug.id: UNITS}))
        return part
    part = await paid()
    for step in _WAYS[state]:
        await step(part)
    await part.refresh_from_db()
    assert part.state is state
    return part


Step = Callable[[SubOrder], Awaitable[None]]
_WAYS: dict[SubOrderState, tuple[Step, ...]] = {
    S.AWAITING_ACCEPTANCE: (),
    S.ACCEPTED: (accept,),
    S.PREPARING: (accept, prepare),
    S.READY: (accept, prepare, make_ready),
    S.PARTLY_SHIPPED: (accept, ship_part),
    S.SHIPPED: (accept, ship_rest),
    S.DELIVERED: (accept, ship_rest, deliver),
    S.CLOSED: (accept, ship_rest, deliver, close),
    S.REFUSED: (refuse,),
    S.EXPIRED: (expire,),
    S.CANCELLED: (cancel,),
}
