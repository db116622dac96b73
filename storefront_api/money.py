"""Money on the wire: decimal text for people, minor units for programs, never a float."""

from decimal import Decimal
from typing import NewType, Self

import strawberry

from marketplace.kit.errors import InvalidInput
from marketplace.kit.money import EXPONENTS
from marketplace.kit.money import Money as Amount

BigInt = NewType("BigInt", int)
BIG_INT = strawberry.scalar(
    name="BigInt",
    description="A whole number, also past 32 bits.",
    serialize=int,
)
MOST_DIGITS = 15


@strawberry.type(description="An exact amount of one currency.")
class Money:
    amount: Decimal = strawberry.field(description='In whole units, as text: "12.50".')
    minor_units: BigInt = strawberry.field(description="In the currency's smallest unit: 1250.")
    currency: str = strawberry.field(description="ISO 4217.")

    @classmethod
    def of(cls, minor: int, currency: str) -> Self:
        money = Amount(minor, currency)
        return cls(amount=money.amount, minor_units=BigInt(minor), currency=currency)


@strawberry.input
class MoneyInput:
    amount: Decimal = strawberry.field(description='In whole units, as text: "12.50".')
    currency: str = strawberry.field(description="ISO 4217.")

    def read(self, *, field: str) -> Amount:
        """Refuses an unknown currency and what is not a whole number of its smallest units."""
        if self.currency not in EXPONENTS:
            raise InvalidInput(
                f"{field}.currency", "this currency is not traded here", ", ".join(EXPONENTS)
            )
        digits = EXPONENTS[self.currency]
        # A huge exponent is refused before anything is multiplied out.
        finite = self.amount.is_finite() and self.amount.adjusted() < MOST_DIGITS
        if not finite or len(self.amount.as_tuple().digits) > MOST_DIGITS + max(EXPONENTS.values()):
            raise self._invalid(field, digits)
        minor = self.amount.scaleb(digits)
        if minor != minor.to_integral_value():
            raise self._invalid(field, digits)
        return Amount(int(minor), self.currency)

    def _invalid(self, field: str, digits: int) -> InvalidInput:
        accepts = f"a number with up to {digits} digits behind the point"
        return InvalidInput(f"{field}.amount", "this is no amount of money", accepts)
