"""What is sent to fill a cart."""

import strawberry

from marketplace.routing.requests import Preference

strawberry.enum(
    Preference,
    name="DeliveryPreference",
    description="What a customer cares for most when the places that send it are chosen.",
)


@strawberry.input
class CartCreateInput:
    channel: str = strawberry.field(description="A channel's code.")


@strawberry.input
class CartSetLineInput:
    token: str
    offer_id: strawberry.ID
    quantity: int = strawberry.field(description="0 to 999; 0 takes the offer out.")


@strawberry.input
class AddressInput:
    line1: str
    city: str
    postal_code: str
    country: str = strawberry.field(description="ISO 3166 alpha-2.")
    line2: str = ""
    region: str = ""
    phone: str = ""


@strawberry.input
class CartSetDetailsInput:
    token: str
    email: str
    name: str
    address: AddressInput


@strawberry.input
class CartSetDiscountInput:
    token: str
    code: str | None = strawberry.field(
        default=None, description="None takes it off. Whether it applies is for the quote to say."
    )


@strawberry.input
class CartSetShippingInput:
    token: str
    vendor_id: strawberry.ID = strawberry.field(description="Whose part it is: the quote has it.")
    method: str | None = strawberry.field(
        default=None, description="One of the part's shippingOptions. None: the vendor's usual one."
    )


@strawberry.input
class CartSetPreferenceInput:
    token: str
    preference: Preference | None = strawberry.field(default=None, description="None takes it off.")
