"""An order of several sellers that is cancelled waits for its shelves as a placement does."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from marketplace.catalog.models import Offer
from marketplace.inventory.models import Stock
from marketplace.kit.principal import SYSTEM, Kind, Principal, StaffRole
from marketplace.kit.transactions import transaction
from marketplace.orders import calling_off, refunding
from marketplace.orders.models import SubOrder
from tests.conftest import Database
from tests.factories import NOON, make_offer, make_paid_order
from tests.orders.living import STAFF

pytestmark = pytest.mark.anyio

SUPPORT = Principal(Kind.STAFF, id=UUID(int=8), roles=frozenset({StaffRole.SUPPORT}))
_HOLD = "SELECT 1 FROM stock WHERE id = $1 FOR NO KEY UPDATE"
_WAITING = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND transactionid IS NOT NULL)"


async def cancel(order_id: UUID) -> None:
    await calling_off.cancel(
        principal=STAFF, order_id=order_id, reason="asked", key=str(order_id), now=NOON
    )


async def cancel_elsewhere_first(order_id: UUID) -> None:
    await calling_off.cancel(
        principal=STAFF, order_id=order_id, reason="asked", key=str(order_id), now=NOON,
        elsewhere_first=True,
    )  # fmt: skip


async def refund(order_id: UUID) -> None:
    await refunding.request_full(
        principal=SUPPORT, order_id=order_id, reason="asked", key=str(order_id), now=NOON
    )


async def an_order_with_its_higher_shelf_first(mug: Offer, lamp: Offer) -> tuple[UUID, UUID, UUID]:
    """An order, the lower of its two shelves, and the higher one, whose part comes first."""
    async with transaction(SYSTEM, read_only=True):
        shelves = {one.vendor_id: one.id for one in await Stock.all()}
    low, high = sorted(shelves.values())
    while True:  # ids of one moment come in any order
        order_id = await make_paid_order({mug.id: 1, lamp.id: 1})
        async with transaction(SYSTEM, read_only=True):
            parts = await SubOrder.filter(order_id=order_id).order_by("id")
        if shelves[parts[0].vendor_id] == high:
            return order_id, low, high


async def test_the_lowest_shelf_is_waited_for_with_no_other_held(committed_db: Database) -> None:
    mug, lamp = await make_offer(on_hand=99), await make_offer(sku="lamp", on_hand=99)
    placement = await asyncpg.connect(committed_db.owner_url)
    for give_back in (cancel, cancel_elsewhere_first, refund):
        order_id, low, high = await an_order_with_its_higher_shelf_first(mug, lamp)

        async with asyncio.timeout(20), placement.transaction():
            await placement.execute(_HOLD, low)
            giving_back = asyncio.create_task(give_back(order_id))
            while not await placement.fetchval(_WAITING):  # noqa: ASYNC110 # PostgreSQL tells
                await asyncio.sleep(0.01)
            await placement.execute("SET LOCAL lock_timeout = '500ms'")
            await placement.execute(_HOLD, high)

        await giving_back
    await placement.close()
