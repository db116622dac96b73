from dataclasses import dataclass
from typing import ClassVar

from marketplace.kit.errors import DomainError
from marketplace.kit.money import Money


@dataclass(eq=False)
class TooManyUnits(DomainError):
    code: ClassVar[str] = "TOO_MANY_UNITS"
    field: ClassVar[str | None] = "quantity"

    sku: str
    wanted: int
    possible: int
    action: str

    @property
    def message(self) -> str:
        return f"{self.wanted} of {self.sku} cannot be {self.action}; {self.possible} can."


@dataclass(eq=False)
class TooMuchOfALine(DomainError):
    """An amount of a line that is zero or more than is left of it; `left` is what would do."""

    code: ClassVar[str] = "TOO_MUCH_OF_A_LINE"
    field: ClassVar[str | None] = "amount"

    sku: str
    asked: Money
    left: Money

    @property
    def message(self) -> str:
        return f"{self.asked} of {self.sku} cannot be refunded: {self.left} is left."


@dataclass(eq=False)
class NothingToDo(DomainError):
    code: ClassVar[str] = "NOTHING_TO_DO"

    action: str

    @property
    def message(self) -> str:
        return f"There is nothing left to {self.action}."


@dataclass(eq=False)
class StaleVersion(DomainError):
    """Somebody else changed it since the caller looked."""

    code: ClassVar[str] = "STALE_VERSION"
    field: ClassVar[str | None] = "expectedVersion"

    thing: str
    current: int

    @property
    def message(self) -> str:
        return f"This {self.thing} was changed in the meantime. Look at it again, then decide."


@dataclass(eq=False)
class OnHold(DomainError):
    """Nothing of it may leave for now. Why is not for the vendor."""

    code: ClassVar[str] = "ON_HOLD"
    retryable: ClassVar[bool] = True

    number: str

    @property
    def message(self) -> str:
        return f"{self.number} is on hold. Do not send it yet; you hear when it goes on."


@dataclass(eq=False)
class LinkOver(DomainError):
    """A link to correct an address that was used, has expired, or comes too late."""

    code: ClassVar[str] = "LINK_OVER"

    why: str

    @property
    def message(self) -> str:
        return self.why
