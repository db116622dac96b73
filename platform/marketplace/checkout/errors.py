from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from marketplace.kit.errors import DomainError
from marketplace.kit.money import Money


@dataclass(eq=False)
class CartIncomplete(DomainError):
    """What a cart still lacks before it can be ordered, by the input's name."""

    code: ClassVar[str] = "CART_INCOMPLETE"

    missing: Sequence[str]

    @property
    def message(self) -> str:
        return f"The cart cannot be ordered yet; it still needs: {', '.join(self.missing)}."


@dataclass(eq=False)
class CartAlreadyOrdered(DomainError):
    code: ClassVar[str] = "CART_ALREADY_ORDERED"

    order_number: str

    @property
    def message(self) -> str:
        return f"This cart has already become order {self.order_number}."


@dataclass(eq=False)
class CartChanged(DomainError):
    code: ClassVar[str] = "CART_CHANGED"
    retryable: ClassVar[bool] = True

    @property
    def message(self) -> str:
        return "The cart was changed while it was being ordered. Nothing was ordered; try again."


@dataclass(eq=False)
class PriceChanged(DomainError):
    """`total` is what the cart costs now; the shopper agreed to `expected`."""

    code: ClassVar[str] = "PRICE_CHANGED"
    field: ClassVar[str | None] = "expectedTotal"

    expected: Money
    total: Money

    @property
    def message(self) -> str:
        return f"The cart now costs {self.total}, not {self.expected}. Nothing was ordered."


@dataclass(frozen=True, slots=True)
class Shortage:
    offer_id: UUID
    wanted: int
    available: int


@dataclass(eq=False)
class InsufficientStock(DomainError):
    code: ClassVar[str] = "INSUFFICIENT_STOCK"
    field: ClassVar[str | None] = "quantity"

    shortages: Sequence[Shortage]

    @property
    def message(self) -> str:
        worst = self.shortages[0]
        if worst.available == 0:
            return "One of these offers has just been sold out."
        return f"Only {worst.available} of one offer can be ordered, not {worst.wanted}."
