"""Every move of the table happens through its door, and every other one is refused there."""

from contextlib import suppress
from functools import partial

import pytest

from marketplace.kit.errors import DomainError
from marketplace.kit.transactions import connection
from marketplace.orders import releasing
from marketplace.orders.history_models import StateChange
from marketplace.orders.models import SubOrder
from marketplace.orders.states import SUB_ORDER, SubOrderMove, SubOrderState
from marketplace.orders.tracks import Resolution
from settlement.invariants.checking import check_all
from tests.factories import NOON, pay
from tests.holds.waiting import hold
from tests.orders.living import (
    Step,
    accept,
    cancel,
    cancel_one,
    close,
    deliver,
    expire,
    lead,
    lose,
    make_ready,
    prepare,
    refuse,
    ship_part,
    ship_rest,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]

M, S = SubOrderMove, SubOrderState
REPLACED, REFUNDED = Resolution.REPLACED, Resolution.REFUNDED


async def release(part: SubOrder) -> None:
    """Money that comes, and that comes again."""
    if part.state is S.PENDING:
        await pay(part.order_id)
    await releasing.release(order_id=part.order_id, now=NOON)


DOORS: dict[SubOrderMove, Step] = {
    M.RELEASE: release,
    M.ACCEPT: accept,
    M.REFUSE: refuse,
    M.EXPIRE: expire,
    M.PREPARE: prepare,
    M.MAKE_READY: make_ready,
    M.SHIP_PART: ship_part,
    M.SHIP_REST: ship_rest,
    M.CANCEL_PART: cancel_one,
    M.CANCEL_REST: cancel,
    M.CANCEL: cancel,
    M.RESHIP_PART: partial(lose, wish=REPLACED, every=False),
    M.RESHIP: partial(lose, wish=REPLACED, every=True),
    M.WRITE_OFF_PART: partial(lose, wish=REFUNDED, every=False),
    M.WRITE_OFF: partial(lose, wish=REFUNDED, every=True),
    M.DELIVER: deliver,
    M.CLOSE: close,
}
LEGAL = [(state, move) for state in S for move in M if move in SUB_ORDER.allows(state)]
# A door may do another of the listed moves than the one asked of it: with a single parcel out of
# the door there is no part of them, and cancelling means what the state makes of it.
ALIKE = [
    {M.CANCEL, M.CANCEL_PART, M.CANCEL_REST},
    {M.RESHIP, M.RESHIP_PART, M.WRITE_OFF, M.WRITE_OFF_PART},
    # Time passes for every clock at once.
    {M.EXPIRE, M.CLOSE, M.CANCEL},
]
ILLEGAL = [
    (state, move)
    for state in S
    for move in M
    if move not in SUB_ORDER.allows(state)
    and not any(move in alike and alike & SUB_ORDER.allows(state) for alike in ALIKE)
]


@pytest.mark.parametrize(("state", "move"), LEGAL)
async def test_a_move_of_the_table_is_made(state: SubOrderState, move: SubOrderMove) -> None:
    in_two = state is S.SHIPPED and move in (M.RESHIP_PART, M.WRITE_OFF_PART)
    part = await lead(S.PARTLY_SHIPPED if in_two else state)
    if in_two:
        await ship_rest(part)
    elif move in (M.RESHIP_PART, M.WRITE_OFF_PART):
        await ship_part(part)
    elif (state, move) == (S.PENDING, M.CANCEL_PART):
        await hold(part.order_id)
        await pay(part.order_id)
    door = expire if (state, move) == (S.PENDING, M.CANCEL) else DOORS[move]

    await door(part)

    made = await StateChange.filter(subject_id=part.id, from_state=state, move=move)
    assert {change.to_state for change in made} == {SUB_ORDER.after(state, move)}
    assert (await check_all(connection())).violations == ()


@pytest.mark.parametrize(("state", "move"), ILLEGAL)
async def test_any_other_move_changes_nothing(state: SubOrderState, move: SubOrderMove) -> None:
    part = await lead(state)
    before = await StateChange.filter(order_id=part.order_id).count()

    with suppress(DomainError):
        await DOORS[move](part)

    await part.refresh_from_db()
    assert part.state is state
    assert await StateChange.filter(order_id=part.order_id, subject="sub_order").count() <= before
