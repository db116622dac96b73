"""Cancelling beside shipping, accepting and paying: one of them is first, the other is told."""

import asyncio
from collections.abc import Awaitable

import asyncpg
import pytest

from marketplace.inventory.models import Stock
from marketplace.kit.errors import DomainError
from marketplace.kit.principal import SYSTEM, Kind, Principal
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import accepting, calling_off, shipping
from marketplace.orders.models import SubOrder
from marketplace.orders.states import SubOrderState
from marketplace.payments.models import Refund
from settlement.invariants.checking import check_all
from tests.conftest import Database
from tests.factories import NOON, make_offer, make_order, make_paid_order, member, parts_of, pay
from tests.orders.living import STAFF, key

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("committed_db")]


def cancel(part: SubOrder, same: str | None = None) -> Awaitable[object]:
    return calling_off.cancel(
        principal=STAFF, order_id=part.order_id, reason="race", key=same or key(), now=NOON
    )


async def together(*acts: Awaitable[object]) -> list[object]:
    """What each of them answered, refusals too."""
    answers = await asyncio.gather(*acts, return_exceptions=True)
    assert all(not isinstance(one, Exception) or isinstance(one, DomainError) for one in answers)
    return list(answers)


async def sound(part: SubOrder) -> tuple[SubOrderState, int]:
    """The state it ended in and what was given back; nothing is violated."""
    async with transaction(SYSTEM, read_only=True, isolation="REPEATABLE READ"):
        assert (await check_all(connection())).violations == ()
        refunds = await Refund.filter(order_id=part.order_id)
        after = await SubOrder.get(id=part.id)
    return after.state, sum(refund.amount_minor for refund in refunds)


async def test_it_is_shipped_or_cancelled_and_never_both() -> None:
    mug = await make_offer(on_hand=20)
    for _ in range(3):
        [part] = await parts_of(await make_paid_order({mug.id: 2}))
        me = member(part.vendor_id)
        await accepting.accept(principal=me, sub_order_id=part.id, now=NOON)

        await together(
            cancel(part),
            shipping.ship(
                principal=me, sub_order_id=part.id, carrier="Post", tracking_number="1", key=key(),
                now=NOON,
            ),
        )  # fmt: skip

        assert await sound(part) in {
            (SubOrderState.SHIPPED, 0),
            (SubOrderState.CANCELLED, part.total_minor),
        }


async def test_it_is_accepted_before_or_not_at_all() -> None:
    mug = await make_offer(on_hand=20)
    for _ in range(3):
        [part] = await parts_of(await make_paid_order({mug.id: 2}))

        await together(
            cancel(part),
            accepting.accept(principal=member(part.vendor_id), sub_order_id=part.id, now=NOON),
        )

        assert await sound(part) == (SubOrderState.CANCELLED, part.total_minor)


async def test_money_that_comes_while_it_is_cancelled_goes_back() -> None:
    mug = await make_offer(on_hand=20)
    for _ in range(3):
        order_id = await make_order({mug.id: 2})
        [part] = await parts_of(order_id)
        customer = Principal(Kind.TOKEN, id=order_id)

        await together(
            pay(order_id),
            calling_off.cancel(
                principal=customer, order_id=order_id, reason="race", key=key(), now=NOON
            ),
        )

        assert await sound(part) == (SubOrderState.CANCELLED, part.total_minor)


async def test_the_same_cancellation_twice_at_once_gives_back_once() -> None:
    mug = await make_offer(on_hand=20)
    [part] = await parts_of(await make_paid_order({mug.id: 2}))
    same = key()

    await together(*(cancel(part, same) for _ in range(4)))

    assert await sound(part) == (SubOrderState.CANCELLED, part.total_minor)


_HOLD = "SELECT 1 FROM stock WHERE id = $1 FOR NO KEY UPDATE"
_WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


async def test_shelves_of_several_sellers_are_taken_in_one_order(committed_db: Database) -> None:
    """Else two orders of the same sellers could wait for each other."""
    offers = [await make_offer(on_hand=9), await make_offer(sku="bowl", on_hand=9)]
    async with transaction(SYSTEM, read_only=True):
        shelves = await Stock.filter(offer_id__in=[offer.id for offer in offers]).order_by("id")
    first, last = (shelf.id for shelf in shelves)
    somebody = await asyncpg.connect(committed_db.owner_url)
    for _ in range(4):  # which seller's part comes first is by chance
        [part, _] = await parts_of(await make_paid_order({offer.id: 1 for offer in offers}))
        async with somebody.transaction():
            await somebody.fetch(_HOLD, first)
            cancelling = asyncio.ensure_future(cancel(part))
            while not await somebody.fetchval(_WAITING):
                pass
            assert await somebody.fetchval(f"{_HOLD} NOWAIT", last)
        await cancelling
    await somebody.close()
