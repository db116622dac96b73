"""Refusals a shopper's client can act on, as types of the schema.

A handler turns the domain's refusal into the type, for every field whose union has room for it;
so resolvers just call the operation. A field without room gives the same facts as an error.
"""

from dataclasses import dataclass
from typing import Any, Generic, Self, TypedDict, TypeVar

import strawberry
from strawberry.types.field import StrawberryField

from marketplace.catalog import errors as catalog
from marketplace.checkout import errors as checkout
from marketplace.kit import errors as kit
from marketplace.kit.errors import DomainError
from marketplace.pricing import errors as pricing
from storefront_api.ids import Of, encode
from storefront_api.money import Money

E = TypeVar("E", bound=DomainError)


class Facts(TypedDict):
    code: str
    message: str
    field: str | None
    retryable: bool


def facts(error: DomainError) -> Facts:
    """What every refusal says; the field as the schema spells it."""
    field = error.name if isinstance(error, kit.InvalidInput) else error.field
    return Facts(
        code=error.code,
        message=error.message,
        field=None if field is None else _camel(field),
        retryable=error.retryable,
    )


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


@strawberry.interface(description="An expected no. Nothing was changed.")
class Refusal:
    code: str = strawberry.field(description="For programs; it stays as it is.")
    message: str = strawberry.field(description="One sentence for people.")
    field: str | None = strawberry.field(description="The input that was wrong, if it was one.")
    retryable: bool = strawberry.field(description="The same request may succeed later.")


@strawberry.type(description="Any refusal that has nothing to add to its code and message.")
class Refused(Refusal):
    @classmethod
    def of(cls, error: DomainError) -> Self:
        return cls(**facts(error))


@strawberry.type(description="An input that could not be taken as it is.")
class InvalidInput(Refusal):
    accepts: str = strawberry.field(description="What would do.")

    @classmethod
    def of(cls, error: kit.InvalidInput) -> Self:
        return cls(**facts(error), accepts=error.accepts)


@strawberry.type(description="Offers that are not for sale, or no longer.")
class UnknownOffers(Refusal):
    offer_ids: list[strawberry.ID]

    @classmethod
    def of(cls, error: catalog.UnknownOffer) -> Self:
        ids = [encode(Of.OFFER, offer_id) for offer_id in error.offer_ids]
        return cls(**facts(error), offer_ids=ids)


@strawberry.type(description="A cart that lacks something before it has a price or can be ordered.")
class CartIncomplete(Refusal):
    missing: list[str] = strawberry.field(description="In words: an address, an e-mail address …")

    @classmethod
    def of(cls, error: checkout.CartIncomplete) -> Self:
        return cls(**facts(error), missing=list(error.missing))


@strawberry.type(description="A method by which this vendor does not send there, or no longer.")
class ShippingMethodUnavailable(Refusal):
    offered: list[str] = strawberry.field(description="The methods by which it does.")

    @classmethod
    def of(cls, error: pricing.ShippingMethodUnavailable) -> Self:
        return cls(**facts(error), offered=list(error.offered))


@strawberry.type
class CartAlreadyOrdered(Refusal):
    order_number: str

    @classmethod
    def of(cls, error: checkout.CartAlreadyOrdered) -> Self:
        return cls(**facts(error), order_number=error.order_number)


@strawberry.type(description="The cart costs something else than the shopper agreed to.")
class PriceChanged(Refusal):
    expected: Money
    total: Money = strawberry.field(description="What it costs now.")

    @classmethod
    def of(cls, error: checkout.PriceChanged) -> Self:
        return cls(
            **facts(error),
            expected=Money.of(error.expected.minor, error.expected.currency),
            total=Money.of(error.total.minor, error.total.currency),
        )


@strawberry.type
class Shortage:
    offer_id: strawberry.ID
    wanted: int
    available: int


@strawberry.type
class InsufficientStock(Refusal):
    shortages: list[Shortage]

    @classmethod
    def of(cls, error: checkout.InsufficientStock) -> Self:
        shortages = [
            Shortage(
                offer_id=encode(Of.OFFER, short.offer_id),
                wanted=short.wanted,
                available=short.available,
            )
            for short in error.shortages
        ]
        return cls(**facts(error), shortages=shortages)


@dataclass(frozen=True)
class Turns(Generic[E]):
    """Strawberry's ExceptionHandler for one pair: this exception becomes that type."""

    exception_type: type[E]
    error_type: Any

    def handle(self, exception: E, *, field: StrawberryField, info: strawberry.Info) -> Refusal:
        refusal: Refusal = self.error_type.of(exception)
        return refusal


# The first that fits wins, so the general one comes last.
HANDLERS: list[Turns[Any]] = [
    Turns(kit.InvalidInput, InvalidInput),
    Turns(catalog.UnknownOffer, UnknownOffers),
    Turns(checkout.CartIncomplete, CartIncomplete),
    Turns(pricing.ShippingMethodUnavailable, ShippingMethodUnavailable),
    Turns(checkout.CartAlreadyOrdered, CartAlreadyOrdered),
    Turns(checkout.PriceChanged, PriceChanged),
    Turns(checkout.InsufficientStock, InsufficientStock),
    Turns(DomainError, Refused),
]
