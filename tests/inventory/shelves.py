"""A shelf, another one for its offer, and whether all still adds up."""

from datetime import datetime
from uuid import UUID

from marketplace.inventory.models import Location, Stock
from marketplace.kit.ids import new_id
from marketplace.kit.principal import Principal
from marketplace.kit.transactions import connection
from settlement.invariants.checking import check_all
from tests.factories import NOON, make_offer, member


async def a_shelf(*, on_hand: int = 5) -> tuple[Stock, Principal]:
    """A shelf with some mugs, and whoever may change what is on it."""
    mug = await make_offer(on_hand=on_hand)
    return await Stock.get(offer_id=mug.id), member(mug.vendor_id)


async def add_shelf(
    offer_id: UUID, *, on_hand: int, priority: int = 2, now: datetime = NOON
) -> Stock:
    """The same offer at another location of its vendor."""
    first = await Stock.filter(offer_id=offer_id).order_by("id").first()
    assert first is not None
    location = await Location.create(
        id=new_id(NOON), vendor_id=first.vendor_id, code=f"l{priority}", name="Other",
        country="DE", priority=priority,
    )  # fmt: skip
    return await Stock.create(
        id=new_id(now), offer_id=offer_id, location=location, vendor_id=first.vendor_id,
        on_hand=on_hand,
    )  # fmt: skip


async def violations() -> list[str]:
    await connection().execute("SET CONSTRAINTS ALL IMMEDIATE")
    return [found.check for found in (await check_all(connection())).violations]
