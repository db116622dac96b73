"""Anything that has an id, asked for by it, under the rules of the list it came from."""

import strawberry

from marketplace.kit.errors import NotFound
from storefront_api.catalogue import Offer, Product
from storefront_api.context import StorefrontInfo
from storefront_api.described import described
from storefront_api.ids import Of, decode_any
from storefront_api.nodes import Node
from storefront_api.ordering import find_order


@strawberry.type
class NodeQueries:
    @described("A product, an offer, or one of the customer's own orders.")
    async def node(self, info: StorefrontInfo, id: strawberry.ID) -> Node | None:  # noqa: A002
        kind, key = decode_any(id, field="id")
        match kind:
            case Of.PRODUCT:
                product = await info.context.loaders.products.load(key)
                return None if product is None else Product.of(product, currency=None)
            case Of.OFFER:
                offer = await info.context.loaders.offers.load(key)
                return None if offer is None else Offer.of(offer)
            case Of.ORDER:
                try:
                    return await find_order(info, key)
                except NotFound:
                    return None
            case _:
                return None
