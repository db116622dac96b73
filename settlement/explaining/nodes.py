"""Why an amount is what it is, as plain values that a page or a terminal can show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from marketplace.kit.money import Money

Known = str | int | Decimal | date | datetime | UUID | Money | None


@dataclass(frozen=True, slots=True)
class Fact:
    """`label` is a word or two for people; the value is as it is stored."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One thing in the chain, and what stands behind it. `id` is what it can be asked for by."""

    kind: str
    title: str
    id: str | None = None
    amount: Money | None = None
    facts: Sequence[Fact] = ()
    children: Sequence["Node"] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What is explained, its parts, where the money came from and where it went.

    The parts add up to the subject's amount, to the minor unit. `other_books` are the lines of
    provider and bank that say the same.
    """

    subject: Node
    parts: Sequence[Node]
    came_from: Sequence[Node] = ()
    went_to: Sequence[Node] = ()
    other_books: Sequence[Node] = ()

    def __post_init__(self) -> None:
        assert self.subject.amount is not None, self.subject
        total = sum(part.amount.minor for part in self.parts if part.amount is not None)
        assert total == self.subject.amount.minor, (self.subject, total)


def facts(**known: Known) -> tuple[Fact, ...]:
    """Names with underscores become words; what is not known is left out."""
    return tuple(
        Fact(name.replace("_", " "), str(value))
        for name, value in known.items()
        if value is not None and value != ""
    )


def rate(ppm: int | None) -> str | None:
    """Millionths as people write them: 150000 is 15 %."""
    return None if ppm is None else f"{Decimal(ppm).scaleb(-4).normalize():f} %"
