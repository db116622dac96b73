"""More places that have an offer."""

from uuid import UUID

from marketplace.catalog.models import Offer
from marketplace.inventory.models import Location, Stock
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from tests.factories import NOON


async def make_location(
    offer: Offer, code: str, *, priority: int, on_hand: int, country: str = "DE"
) -> tuple[UUID, UUID]:
    """A place of the offer's vendor with pieces of it: the location's id and the stock's."""
    async with transaction(SYSTEM):
        location = await Location.create(
            id=new_id(NOON), vendor_id=offer.vendor_id, code=code, name=code.title(),
            country=country, priority=priority,
        )  # fmt: skip
        stock = await Stock.create(
            id=new_id(NOON), offer=offer, location=location, vendor_id=offer.vendor_id,
            on_hand=on_hand,
        )  # fmt: skip
    return location.id, stock.id
