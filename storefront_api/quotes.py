"""What a cart costs: one part for each vendor, and the parts add up to the whole exactly."""

from typing import Self
from uuid import UUID

import strawberry

from marketplace.pricing.quoting import PricedLine, PricedParcel
from marketplace.pricing.quoting import Quote as PricedQuote
from marketplace.pricing.shipping import Option, Sending, in_words
from storefront_api.catalogue import Vendor
from storefront_api.context import StorefrontInfo
from storefront_api.ids import Of, encode
from storefront_api.money import Money


@strawberry.type
class QuotedLine:
    offer_id: strawberry.ID
    sku: str
    name: str
    quantity: int
    unit_price: Money
    items: Money = strawberry.field(description="Price times quantity, before any discount.")
    discount: Money
    tax: Money
    total: Money = strawberry.field(description="What is paid for the line, tax included.")

    @classmethod
    def of(cls, line: PricedLine, currency: str) -> Self:
        return cls(
            offer_id=encode(Of.OFFER, line.item.offer_id),
            sku=line.item.sku,
            name=line.item.name,
            quantity=line.item.quantity,
            unit_price=Money.of(line.item.unit_price_minor, currency),
            items=Money.of(line.items_minor, currency),
            discount=Money.of(line.discount_minor, currency),
            tax=Money.of(line.tax_minor, currency),
            total=Money.of(line.gross_minor, currency),
        )


@strawberry.type(description="A way in which a vendor sends its part to the cart's address.")
class ShippingOption:
    method: str = strawberry.field(description="For cartSetShipping, such as standard or express.")
    name: str = strawberry.field(description="For people: Standard, Express.")
    price: Money = strawberry.field(description="For what is in the cart now.")
    is_taken: bool = strawberry.field(description="By this one the part is quoted.")

    @classmethod
    def of(cls, option: Option, sending: Sending, currency: str) -> Self:
        return cls(
            method=option.method,
            name=in_words(option.method),
            price=Money.of(option.minor, currency),
            is_taken=option.method == sending.method,
        )


@strawberry.type(description="One vendor's part of the order to be.")
class QuotedPart:
    shipping_method: str = strawberry.field(description="By which it is quoted.")
    unavailable_shipping_method: str | None = strawberry.field(
        description="What was chosen and is not offered any more: ask the shopper to choose again,"
        " placeOrder refuses until then."
    )
    shipping_options: list[ShippingOption]
    lines: list[QuotedLine]
    items: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money
    vendor_id: strawberry.Private[UUID]

    @strawberry.field
    async def vendor(self, info: StorefrontInfo) -> Vendor:
        return Vendor.of(await info.context.loaders.vendors.load(self.vendor_id))

    @classmethod
    def of(cls, parcel: PricedParcel, currency: str) -> Self:
        sending = parcel.sending
        return cls(
            shipping_method=sending.method,
            unavailable_shipping_method=sending.missed,
            shipping_options=[
                ShippingOption.of(option, sending, currency) for option in sending.options
            ],
            lines=[QuotedLine.of(line, currency) for line in parcel.lines],
            items=Money.of(parcel.items_minor, currency),
            discount=Money.of(parcel.discount_minor, currency),
            shipping=Money.of(parcel.shipping_minor, currency),
            tax=Money.of(parcel.tax_minor, currency),
            total=Money.of(parcel.total_minor, currency),
            vendor_id=parcel.vendor_id,
        )


@strawberry.type
class Quote:
    country: str = strawberry.field(description="Where it goes; its taxes apply.")
    prices_include_tax: bool = strawberry.field(
        description="Where true, `tax` is inside the other amounts and not added to them."
    )
    parts: list[QuotedPart]
    items: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money = strawberry.field(description="What placeOrder will ask for.")

    @classmethod
    def of(cls, quote: PricedQuote) -> Self:
        currency = quote.currency
        return cls(
            country=quote.country,
            prices_include_tax=quote.prices_include_tax,
            parts=[QuotedPart.of(parcel, currency) for parcel in quote.parcels],
            items=Money.of(quote.items_minor, currency),
            discount=Money.of(quote.discount_minor, currency),
            shipping=Money.of(quote.shipping_minor, currency),
            tax=Money.of(quote.tax_minor, currency),
            total=Money.of(quote.total_minor, currency),
        )
