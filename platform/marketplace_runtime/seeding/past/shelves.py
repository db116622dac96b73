"""What the demo's vendors offered in its past."""

from uuid import UUID

from marketplace.catalog.models import Offer
from marketplace.inventory.models import Stock
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction

OfferKey = tuple[str, str]


async def look(currency: str) -> tuple[dict[OfferKey, UUID], dict[OfferKey, int]]:
    """Offers and their stock, by sku and vendor's code."""
    async with transaction(SYSTEM, read_only=True):
        offers = await Offer.filter(currency=currency).prefetch_related("variant", "vendor")
        stock = {row.offer_id: row.on_hand for row in await Stock.all()}
    ids = {(offer.variant.sku, offer.vendor.code): offer.id for offer in offers}
    return ids, {key: stock[offer_id] for key, offer_id in ids.items()}
