"""By which methods a seller sends its part, what each costs, and which one is taken. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

STANDARD = "standard"  # the method of what names none
LONGEST_METHOD = 20  # characters


@dataclass(frozen=True, slots=True)
class Rate:
    """What a vendor asks for one method to one country, in minor units as its channel shows them.

    From `free_from_minor` of items on it asks nothing.
    """

    method: str
    base_minor: int
    per_unit_minor: int
    free_from_minor: int | None

    def price(self, *, items_minor: int, units: int) -> int:
        if self.free_from_minor is not None and items_minor >= self.free_from_minor:
            return 0
        return self.base_minor + self.per_unit_minor * units


@dataclass(frozen=True, slots=True)
class Option:
    method: str
    minor: int


@dataclass(frozen=True, slots=True)
class Sending:
    """How a part is sent and for how much; `options` are all that its seller offers there.

    `missed` is the method that the shopper chose and that is not among them any more.
    """

    method: str
    minor: int
    options: tuple[Option, ...] = ()
    missed: str | None = None


def send(rates: Sequence[Rate], *, wanted: str | None, items_minor: int, units: int) -> Sending:
    """By the wanted method where it is offered, else by standard, else by the cheapest."""
    assert rates, "a vendor without a rate does not ship there"
    options = sorted(
        (Option(rate.method, rate.price(items_minor=items_minor, units=units)) for rate in rates),
        key=lambda option: (option.method != STANDARD, option.minor, option.method),
    )
    taken = next((option for option in options if option.method == wanted), options[0])
    missed = wanted if wanted is not None and taken.method != wanted else None
    return Sending(taken.method, taken.minor, tuple(options), missed)


def in_words(method: str) -> str:
    """Standard, Express, Next day: as pages and mails name it."""
    return method.replace("_", " ").replace("-", " ").capitalize()
