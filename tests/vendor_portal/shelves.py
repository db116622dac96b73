"""A vendor's shelves, and the forms about them."""

import httpx

from marketplace.catalog.models import Offer, Variant
from marketplace.inventory.models import Stock
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from tests.vendor_portal.desks import hidden_fields


async def shelf_of(offer: Offer) -> Stock:
    async with transaction(SYSTEM, read_only=True):
        return await Stock.get(offer_id=offer.id)


async def sku_of(offer: Offer) -> str:
    async with transaction(SYSTEM, read_only=True):
        return (await Variant.get(id=offer.variant_id)).sku


async def send(
    browser: httpx.AsyncClient, page: str, to: str, /, **typed: object
) -> httpx.Response:
    """Fill in the form of a page that posts to an address below it, or to the page itself."""
    form = hidden_fields(await browser.get(page))
    form |= {name: str(value) for name, value in typed.items()}
    return await browser.post(f"{page}{to}", data=form)
