"""Carts: filled by whoever holds their token, priced by a quote."""

from typing import Annotated, Self
from uuid import UUID

import strawberry

from marketplace.accounts.addresses import ADDRESS_FIELDS
from marketplace.checkout import carts, queries, quoting
from marketplace.checkout.models import Cart as CartModel
from marketplace.routing.requests import Preference
from storefront_api.availability import Availability, availability_of
from storefront_api.cart_inputs import (
    CartCreateInput,
    CartSetDetailsInput,
    CartSetDiscountInput,
    CartSetLineInput,
    CartSetPreferenceInput,
    CartSetShippingInput,
)
from storefront_api.catalogue import Channel, Offer
from storefront_api.context import StorefrontInfo
from storefront_api.described import described
from storefront_api.ids import Of, decode, encode
from storefront_api.quotes import Quote
from storefront_api.refusals import (
    CartAlreadyOrdered,
    CartIncomplete,
    InvalidInput,
    Refused,
    ShippingMethodUnavailable,
    UnknownOffers,
)


@strawberry.type
class Address:
    line1: str | None
    line2: str | None
    city: str | None
    postal_code: str | None
    region: str | None
    country: str | None = strawberry.field(description="ISO 3166 alpha-2.")
    phone: str | None

    @classmethod
    def of(cls, address: dict[str, str]) -> Self:
        return cls(**{name: address.get(name) for name in ADDRESS_FIELDS})


@strawberry.type
class CartLine:
    quantity: int
    offer_id: strawberry.ID
    key: strawberry.Private[UUID]
    country: strawberry.Private[str | None]

    @described("Null once the offer is no longer for sale.")
    async def offer(self, info: StorefrontInfo) -> Offer | None:
        view = await info.context.loaders.offers.load(self.key)
        return None if view is None else Offer.of(view)

    @described("When the line can leave, to the cart's address if it has one.")
    async def availability(self, info: StorefrontInfo) -> Availability:
        return await availability_of(info, self.key, country=self.country, quantity=self.quantity)


@strawberry.type
class Cart:
    email: str | None
    name: str | None
    address: Address | None
    discount_code: str | None
    preference: Preference | None
    version: int = strawberry.field(description="Rises with every change.")
    order_number: str | None = strawberry.field(description="The order it has become, if it has.")
    model: strawberry.Private[CartModel]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return encode(Of.CART, self.model.id)

    @strawberry.field
    async def channel(self, info: StorefrontInfo) -> Channel:
        return Channel.of(await info.context.loaders.channels.load(self.model.channel_id))

    @strawberry.field
    async def lines(self, info: StorefrontInfo) -> list[CartLine]:
        return [
            CartLine(
                quantity=line.quantity,
                offer_id=encode(Of.OFFER, line.offer_id),
                key=line.offer_id,
                country=self.model.address.get("country") if self.model.address else None,
            )
            for line in await info.context.loaders.cart_lines.load(self.model.id)
        ]

    @classmethod
    def of(cls, model: CartModel, *, order_number: str | None = None) -> Self:
        return cls(
            email=model.email,
            name=model.customer_name,
            address=Address.of(model.address) if model.address else None,
            discount_code=model.discount_code,
            preference=model.preference,
            version=model.version,
            order_number=order_number,
            model=model,
        )


@strawberry.type
class CartCreated:
    cart: Cart
    token: str = strawberry.field(description="Opens the cart; it is shown this once.")


@strawberry.type
class CartUpdated:
    cart: Cart


CartResult = Annotated[Cart | Refused, strawberry.union("CartResult")]
QuoteResult = Annotated[
    Quote | CartIncomplete | CartAlreadyOrdered | UnknownOffers | Refused,
    strawberry.union("QuoteResult"),
]
CartCreateResult = Annotated[CartCreated | Refused, strawberry.union("CartCreateResult")]
CartUpdateResult = Annotated[
    CartUpdated
    | CartAlreadyOrdered
    | CartIncomplete
    | UnknownOffers
    | ShippingMethodUnavailable
    | InvalidInput
    | Refused,
    strawberry.union("CartUpdateResult"),
]


@strawberry.type
class CartQueries:
    @strawberry.field
    async def cart(self, info: StorefrontInfo, token: str) -> CartResult:
        model, order_number = await queries.cart(
            principal=await info.context.principal(), token=token
        )
        return Cart.of(model, order_number=order_number)

    @described("What the cart costs now, by vendor. It reserves nothing.")
    async def quote(self, info: StorefrontInfo, token: str) -> QuoteResult:
        quote = await quoting.quote_cart(
            principal=await info.context.principal(), token=token, now=await info.context.now()
        )
        return Quote.of(quote)


@strawberry.type
class CartMutations:
    @strawberry.mutation
    async def cart_create(
        self,
        info: StorefrontInfo,
        input: CartCreateInput,  # noqa: A002
    ) -> CartCreateResult:
        model, token = await carts.create(
            principal=await info.context.principal(),
            channel_code=input.channel,
            now=await info.context.now(),
        )
        return CartCreated(cart=Cart.of(model), token=token)

    @described("Make the cart hold a quantity of an offer.")
    async def cart_set_line(
        self,
        info: StorefrontInfo,
        input: CartSetLineInput,  # noqa: A002
    ) -> CartUpdateResult:
        model = await carts.set_line(
            principal=await info.context.principal(),
            token=input.token,
            offer_id=decode(input.offer_id, Of.OFFER, field="offerId"),
            quantity=input.quantity,
        )
        return CartUpdated(cart=Cart.of(model))

    @described("Who it is for and where it goes.")
    async def cart_set_details(
        self,
        info: StorefrontInfo,
        input: CartSetDetailsInput,  # noqa: A002
    ) -> CartUpdateResult:
        address = {name: getattr(input.address, name) for name in ADDRESS_FIELDS}
        model = await carts.set_details(
            principal=await info.context.principal(),
            token=input.token,
            email=input.email,
            name=input.name,
            address=address,
        )
        return CartUpdated(cart=Cart.of(model))

    @strawberry.mutation
    async def cart_set_discount(
        self,
        info: StorefrontInfo,
        input: CartSetDiscountInput,  # noqa: A002
    ) -> CartUpdateResult:
        model = await carts.set_discount(
            principal=await info.context.principal(), token=input.token, code=input.code
        )
        return CartUpdated(cart=Cart.of(model))

    @described("What to care for most: when it comes, in how few parcels, from how near.")
    async def cart_set_preference(
        self,
        info: StorefrontInfo,
        input: CartSetPreferenceInput,  # noqa: A002
    ) -> CartUpdateResult:
        wish = input.preference
        model = await carts.set_preference(
            principal=await info.context.principal(), token=input.token,
            preference=None if wish is None else wish.value,
        )  # fmt: skip
        return CartUpdated(cart=Cart.of(model))

    @described("How one vendor is to send its part of the cart.")
    async def cart_set_shipping(
        self,
        info: StorefrontInfo,
        input: CartSetShippingInput,  # noqa: A002
    ) -> CartUpdateResult:
        model = await carts.set_shipping(
            principal=await info.context.principal(), token=input.token,
            vendor_id=decode(input.vendor_id, Of.VENDOR, field="vendorId"), method=input.method,
        )  # fmt: skip
        return CartUpdated(cart=Cart.of(model))
