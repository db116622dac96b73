"""The catalogue: products with their variants, and who offers each at what price."""

from typing import Annotated, Self

import strawberry

from marketplace.catalog import queries
from marketplace.catalog.queries import (
    ChannelView,
    OfferView,
    ProductView,
    VariantView,
    VendorView,
)
from storefront_api.availability import MOST_SHOWN, Availability, availability_of
from storefront_api.context import GUEST, StorefrontInfo
from storefront_api.described import described
from storefront_api.ids import Of, decode, encode
from storefront_api.money import Money
from storefront_api.nodes import Node
from storefront_api.paging import DEFAULT_PAGE, Connection, behind_id, page_size
from storefront_api.refusals import InvalidInput, Refused


@strawberry.type(
    description="A way into the marketplace. It fixes the currency, and whether prices include tax."
)
class Channel:
    code: str
    name: str
    currency: str
    locale: str
    countries: list[str] = strawberry.field(description="Where it ships to, ISO 3166 alpha-2.")
    prices_include_tax: bool

    @classmethod
    def of(cls, view: ChannelView) -> Self:
        return cls(
            code=view.code,
            name=view.name,
            currency=view.currency,
            locale=view.locale,
            countries=list(view.countries),
            prices_include_tax=view.prices_include_tax,
        )


@strawberry.type
class Vendor:
    id: strawberry.ID
    name: str

    @classmethod
    def of(cls, view: VendorView) -> Self:
        return cls(id=encode(Of.VENDOR, view.id), name=view.name)


@strawberry.type
class Product(Node):
    slug: str
    name: str
    description: str
    category: str
    view: strawberry.Private[ProductView]
    currency: strawberry.Private[str | None]

    @strawberry.field
    async def variants(self, info: StorefrontInfo) -> list["Variant"]:
        found = await info.context.loaders.variants_of.load(self.view.id)
        return [Variant.of(variant, currency=self.currency) for variant in found]

    @classmethod
    def of(cls, view: ProductView, *, currency: str | None) -> Self:
        """Its offers are those in `currency`; None shows all of them."""
        return cls(
            id=encode(Of.PRODUCT, view.id),
            slug=view.slug,
            name=view.name,
            description=view.description,
            category=view.category,
            view=view,
            currency=currency,
        )


@strawberry.type(description="One form of a product: a size, a colour.")
class Variant:
    id: strawberry.ID
    sku: str
    name: str = strawberry.field(description="Empty where a product has one form only.")
    view: strawberry.Private[VariantView]
    currency: strawberry.Private[str | None]

    @described("The cheapest first.")
    async def offers(self, info: StorefrontInfo) -> list["Offer"]:
        found = await info.context.loaders.offers_of.load(self.view.id)
        return [Offer.of(offer) for offer in found if self.currency in (None, offer.price.currency)]

    @strawberry.field
    async def product(self, info: StorefrontInfo) -> Product:
        view = await info.context.loaders.products.load(self.view.product_id)
        assert view is not None, self.view
        return Product.of(view, currency=self.currency)

    @classmethod
    def of(cls, view: VariantView, *, currency: str | None) -> Self:
        return cls(
            id=encode(Of.VARIANT, view.id),
            sku=view.sku,
            name=view.name,
            view=view,
            currency=currency,
        )


@strawberry.type(description="One vendor's price and stock for one variant: what goes into a cart.")
class Offer(Node):
    price: Money
    view: strawberry.Private[OfferView]

    @described(f"Pieces that can be ordered now; {MOST_SHOWN} is that or more.")
    async def available(self, info: StorefrontInfo) -> int:
        return min(MOST_SHOWN, await info.context.loaders.available.load(self.view.id))

    @described("When a quantity can leave, to a country if one is named (ISO 3166 alpha-2).")
    async def availability(
        self, info: StorefrontInfo, quantity: int = 1, country: str | None = None
    ) -> Availability:
        return await availability_of(info, self.view.id, country=country, quantity=quantity)

    @strawberry.field
    async def vendor(self, info: StorefrontInfo) -> Vendor:
        return Vendor.of(await info.context.loaders.vendors.load(self.view.vendor_id))

    @strawberry.field
    async def variant(self, info: StorefrontInfo) -> Variant:
        view = await info.context.loaders.variants.load(self.view.variant_id)
        return Variant.of(view, currency=self.view.price.currency)

    @classmethod
    def of(cls, view: OfferView) -> Self:
        price = Money.of(view.price.minor, view.price.currency)
        return cls(id=encode(Of.OFFER, view.id), price=price, view=view)


@strawberry.input(one_of=True, description="Exactly one of them.")
class ProductBy:
    id: strawberry.ID | None = strawberry.UNSET
    slug: str | None = strawberry.UNSET


ProductResult = Annotated[Product | InvalidInput | Refused, strawberry.union("ProductResult")]


@strawberry.type
class CatalogueQueries:
    @strawberry.field
    async def channels(self) -> list[Channel]:
        return [Channel.of(view) for view in await queries.channels(principal=GUEST)]

    @described("On sale in a channel; `search` takes words, or an exact SKU.")
    async def products(
        self,
        channel: str,
        first: int = DEFAULT_PAGE,
        after: str | None = None,
        search: str | None = None,
    ) -> Connection[Product]:
        most = page_size(first)
        found, products = await queries.listed(
            principal=GUEST,
            channel_code=channel,
            search=search,
            after=behind_id(after),
            most=most + 1,
        )
        return Connection[Product].of(
            products,
            first=most,
            node=lambda view: Product.of(view, currency=found.currency),
            key=lambda view: view.id,
        )

    @strawberry.field
    async def product(self, by: ProductBy, channel: str) -> ProductResult:
        if isinstance(by.slug, str):
            found, view = await queries.product_by_slug(
                principal=GUEST, slug=by.slug, channel_code=channel
            )
        else:
            product_id = decode(by.id or "", Of.PRODUCT, field="by.id")
            found, view = await queries.product_by_id(
                principal=GUEST, product_id=product_id, channel_code=channel
            )
        return Product.of(view, currency=found.currency)
