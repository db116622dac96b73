"""Money: an exact count of the smallest unit of one currency. Never a float."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

# Digits after the decimal point, ISO 4217. Currencies the marketplace can trade in.
EXPONENTS = {
    "AUD": 2, "BHD": 3, "BRL": 2, "CAD": 2, "CHF": 2, "CZK": 2, "DKK": 2, "EUR": 2, "GBP": 2,
    "INR": 2, "JOD": 3, "JPY": 0, "KRW": 0, "KWD": 3, "MXN": 2, "NOK": 2, "NZD": 2, "OMR": 3,
    "PLN": 2, "SEK": 2, "TND": 3, "TRY": 2, "USD": 2,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Money:
    minor: int
    currency: str

    @property
    def amount(self) -> Decimal:
        """In whole units, with the currency's own number of digits."""
        return Decimal(self.minor).scaleb(-EXPONENTS[self.currency])

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same_currency(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same_currency(other).minor, self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(self.minor * quantity, self.currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def _same_currency(self, other: "Money") -> "Money":
        assert self.currency == other.currency, (self, other)
        return other


def split(minor: int, weights: Sequence[int]) -> list[int]:
    """Share an amount by weight (largest remainder); the parts add up to the whole.

    Each part is within one unit of its exact share. Left-over units go to the largest fractions,
    the earlier part first when fractions are equal. Weights that are all zero share equally; a
    negative amount is split as its mirror image.
    """
    assert weights, "nothing to split over"
    assert min(weights) >= 0, weights
    if minor < 0:
        return [-part for part in split(-minor, weights)]
    total = sum(weights)
    if total == 0:
        return split(minor, [1] * len(weights))
    parts = [minor * weight // total for weight in weights]
    fractions = [minor * weight % total for weight in weights]
    by_fraction = sorted(range(len(weights)), key=lambda index: (-fractions[index], index))
    for index in by_fraction[: minor - sum(parts)]:
        parts[index] += 1
    return parts


def share_done(minor: int, done: int, total: int) -> int:
    """How much of `minor` belongs to the first `done` of `total` units, rounded half up.

    The difference of two such shares is a slice; any slicing of the whole adds up to exactly all
    of it (reference: cumulative half-up, docs/decisions/0003).
    """
    assert 0 <= done <= total, (done, total)
    assert total > 0
    if minor < 0:
        return -share_done(-minor, done, total)
    return (2 * minor * done + total) // (2 * total)


def at_rate(minor: int, ppm: int) -> int:
    """`ppm` millionths of an amount, rounded half up (away from zero for negative amounts)."""
    assert ppm >= 0, ppm
    if minor < 0:
        return -at_rate(-minor, ppm)
    return (2 * minor * ppm + 1_000_000) // 2_000_000


def included_at_rate(gross_minor: int, ppm: int) -> int:
    """The tax inside a gross amount that already includes it, rounded half up."""
    assert gross_minor >= 0
    assert ppm >= 0
    whole = 1_000_000 + ppm
    return (2 * gross_minor * ppm + whole) // (2 * whole)
