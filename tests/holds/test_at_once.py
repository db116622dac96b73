import asyncio

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders import accepting, shipping
from marketplace.orders.errors import NothingToDo, OnHold
from marketplace.orders.hold_models import HoldKind
from marketplace.orders.models import Shipment, SubOrder
from marketplace.orders.states import SubOrderState
from tests.factories import NOON, make_offer, make_order, make_paid_order, member, parts_of, pay
from tests.holds.waiting import broken, hold, release, told

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("committed_db")]


async def test_a_hold_and_a_payment_at_once_leave_nothing_released_and_held() -> None:
    mug = await make_offer(on_hand=50)
    orders = [await make_order({mug.id: 1}) for _ in range(8)]

    await asyncio.gather(*(each for one in orders for each in (hold(one), pay(one))))

    # Whoever came first: what is held unreleased is pending, what was released stands still.
    assert await broken() == ()
    for one in orders:
        assert await told(one, "sub_order.released") == (
            0 if (await parts_of(one))[0].state is SubOrderState.PENDING else 1
        )


async def test_a_hold_and_a_parcel_at_once_have_one_winner() -> None:
    mug = await make_offer(on_hand=50)
    parts: list[SubOrder] = []
    for _ in range(8):
        parts += await parts_of(await make_paid_order({mug.id: 1}))
    for part in parts:
        await accepting.accept(principal=member(part.vendor_id), sub_order_id=part.id, now=NOON)

    results = await asyncio.gather(
        *(each for part in parts for each in (_ship(part), hold(part.order_id))),
        return_exceptions=True,
    )

    for shipped, held in zip(results[::2], results[1::2], strict=True):
        assert isinstance(shipped, OnHold) != isinstance(held, NothingToDo)
    async with transaction(SYSTEM, read_only=True):
        count = await Shipment.all().count()
    assert count == sum(isinstance(held, NothingToDo) for held in results[1::2])
    assert await broken() == ()


async def test_two_who_release_at_once_release_once() -> None:
    mug = await make_offer()
    order_id = await make_order({mug.id: 1})
    hold_id = await hold(order_id)
    await pay(order_id)

    answers = await asyncio.gather(*(release(hold_id) for _ in range(6)))

    assert sorted(answers) == [False] * 5 + [True]
    assert await told(order_id, "order_hold.released") == 1
    assert await told(order_id, "sub_order.released") == 1


async def test_two_last_holds_that_end_at_once_release_once() -> None:
    mug = await make_offer()
    order_id = await make_order({mug.id: 1})
    holds = [await hold(order_id, kind=kind) for kind in (HoldKind.FRAUD, HoldKind.STOCK)]
    await pay(order_id)

    await asyncio.gather(*(release(one) for one in holds))

    assert await told(order_id, "sub_order.released") == 1
    assert await broken() == ()


async def test_the_same_hold_placed_at_once_is_one() -> None:
    mug = await make_offer()
    order_id = await make_paid_order({mug.id: 1})

    placed = await asyncio.gather(*(hold(order_id) for _ in range(6)))

    assert len(set(placed)) == 1
    assert await told(order_id, "order_hold.placed") == 1


async def _ship(part: SubOrder) -> object:
    return await shipping.ship(
        principal=member(part.vendor_id), sub_order_id=part.id, carrier="DHL",
        tracking_number="T", key=str(part.id), now=NOON,
    )  # fmt: skip
