"""Every move of the reservation's table is made through its door, and no other one."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from marketplace.inventory import recommitting, reserving
from marketplace.inventory.models import Reservation, ReservationState
from marketplace.inventory.states import RESERVATION, ReservationMove
from marketplace.kit.errors import DomainError
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from tests.factories import NOON, make_offer, make_order

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
M, S = ReservationMove, ReservationState
Door = Callable[[Reservation], Awaitable[object]]


async def pay(kept: Reservation) -> None:
    await reserving.commit(order_id=kept.order_id, now=NOON)


async def expire(kept: Reservation) -> None:
    await reserving.expire({kept.line_id: 2})


async def consume(kept: Reservation) -> None:
    await reserving.consume({kept.line_id: 2}, by=SYSTEM, now=NOON)


async def release(kept: Reservation) -> None:
    await reserving.release({kept.line_id: 2})


async def recommit(kept: Reservation) -> None:
    await recommitting.recommit({kept.line_id: 2})


DOORS: dict[ReservationMove, Door] = {
    M.COMMIT: pay, M.RETAKE: pay, M.EXPIRE: expire, M.CONSUME: consume, M.RELEASE: release,
    M.RECOMMIT: recommit,
}  # fmt: skip
WAYS: dict[ReservationState, tuple[Door, ...]] = {
    S.HELD: (), S.EXPIRED: (expire,), S.COMMITTED: (pay,), S.CONSUMED: (pay, consume),
    S.RELEASED: (pay, release),
}  # fmt: skip
# One door, to which what is paid comes: it takes what was kept, or takes it anew.
ALIKE = {M.COMMIT, M.RETAKE}


class _Undone(Exception):
    pass


async def test_every_move_is_made_or_changes_nothing() -> None:
    mug = await make_offer(on_hand=9)
    kept = await Reservation.get(order_id=await make_order({mug.id: 2}))
    reached = set()
    for state, way in WAYS.items():
        for move, door in DOORS.items():
            allowed = RESERVATION.allows(state)
            if move not in allowed and move in ALIKE and ALIKE & set(allowed):
                continue
            with suppress(_Undone):
                async with transaction(SYSTEM):
                    for step in way:
                        await step(kept)
                    assert (await Reservation.get(id=kept.id)).state is state
                    with suppress(DomainError):
                        await door(kept)
                    after = (await Reservation.get(id=kept.id)).state
                    ends = RESERVATION.after(state, move) if move in allowed else state
                    assert after == ends, (state, move)
                    reached |= {(state, move)} if move in allowed else set()
                    raise _Undone

    assert reached == {(state, move) for state in S for move in RESERVATION.allows(state)}
