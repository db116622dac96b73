from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from marketplace.kit.errors import DomainError


@dataclass(eq=False)
class NotShippedThere(DomainError):
    code: ClassVar[str] = "NOT_SHIPPED_THERE"
    field: ClassVar[str | None] = "address.country"

    vendor: str
    country: str

    @property
    def message(self) -> str:
        return f"{self.vendor} does not ship to {self.country}."


@dataclass(eq=False)
class ShippingMethodUnavailable(DomainError):
    """`offered` are the methods by which this vendor sends there."""

    code: ClassVar[str] = "SHIPPING_METHOD_UNAVAILABLE"
    field: ClassVar[str | None] = "method"

    vendor: str
    country: str
    method: str
    offered: Sequence[str]

    @property
    def message(self) -> str:
        there = ", ".join(self.offered) or "none"
        return (
            f"{self.vendor} does not send to {self.country} by {self.method[:20]!r}. "
            f"Its methods there: {there}."
        )


@dataclass(eq=False)
class NoTaxRate(DomainError):
    """The marketplace's own table has a hole; nothing is sold at a guessed rate."""

    code: ClassVar[str] = "NO_TAX_RATE"
    field: ClassVar[str | None] = "address.country"

    tax_category: str
    country: str

    @property
    def message(self) -> str:
        return f"No {self.tax_category} tax rate is on file for {self.country} yet."


@dataclass(eq=False)
class UnusableDiscount(DomainError):
    code: ClassVar[str] = "UNUSABLE_DISCOUNT"
    field: ClassVar[str | None] = "discountCode"

    discount_code: str
    reason: str

    @property
    def message(self) -> str:
        return f"The code {self.discount_code} cannot be used: {self.reason}."
