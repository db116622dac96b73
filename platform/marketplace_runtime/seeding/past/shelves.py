"""What the demo's vendors offered in its past."""

from dataclasses import dataclass
from uuid import UUID

from marketplace.catalog.models import Offer
from marketplace.inventory.models import Stock
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction

OfferKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Shelves:
    """Offers and their stock, by sku and vendor's code, and which of them is the dearest."""

    offers: dict[OfferKey, UUID]
    stock: dict[OfferKey, int]
    dearest: OfferKey


async def look(currency: str) -> Shelves:
    async with transaction(SYSTEM, read_only=True):
        offers = await Offer.filter(currency=currency).prefetch_related("variant", "vendor")
        stock = {row.offer_id: row.on_hand for row in await Stock.all()}
    ids = {(offer.variant.sku, offer.vendor.code): offer.id for offer in offers}
    prices = {(offer.variant.sku, offer.vendor.code): offer.price_minor for offer in offers}
    return Shelves(
        offers=ids,
        stock={key: stock[offer_id] for key, offer_id in ids.items()},
        dearest=max(prices, key=lambda key: (prices[key], key)),
    )
