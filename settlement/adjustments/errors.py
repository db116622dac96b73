from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from marketplace.kit.errors import DomainError
from marketplace.kit.money import Money


@dataclass(eq=False)
class NeedsAnother(DomainError):
    """Who proposed something is not who agrees to it."""

    code: ClassVar[str] = "NEEDS_ANOTHER_PERSON"

    @property
    def message(self) -> str:
        return "You proposed this yourself. Somebody else has to approve it."


@dataclass(eq=False)
class MoreThanThereIs(DomainError):
    """`left` is what the books have of it."""

    code: ClassVar[str] = "MORE_THAN_THERE_IS"

    what: str
    asked: Money
    left: Money

    @property
    def message(self) -> str:
        return f"{self.asked} is more than there is: {self.what} is {self.left}."


@dataclass(eq=False)
class NotReversible(DomainError):
    """A posting that its own operations correct, or one that was reversed before."""

    code: ClassVar[str] = "NOT_REVERSIBLE"

    why: str

    @property
    def message(self) -> str:
        return f"This posting cannot be reversed: {self.why}."


@dataclass(eq=False)
class PeriodNotReady(DomainError):
    """What stands against closing a month; `why` says it in words."""

    code: ClassVar[str] = "PERIOD_NOT_READY"

    month: date
    why: str

    @property
    def message(self) -> str:
        return f"{self.month:%B %Y} cannot be closed yet: {self.why}."


@dataclass(eq=False)
class PeriodClosed(DomainError):
    """What is dated in a month that takes no more postings."""

    code: ClassVar[str] = "PERIOD_CLOSED"

    day: date

    @property
    def message(self) -> str:
        return f"{self.day.isoformat()} is in a month that is closed."
