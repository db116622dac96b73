from dataclasses import dataclass
from typing import ClassVar

from marketplace.kit.errors import DomainError
from marketplace.kit.money import Money


@dataclass(eq=False)
class NotAvailable(DomainError):
    """More was asked for than the vendor has available."""

    code: ClassVar[str] = "NOT_AVAILABLE"
    field: ClassVar[str | None] = "amount_minor"

    asked: Money
    available: Money

    @property
    def message(self) -> str:
        return f"{self.asked} cannot be held: {self.available} is available."
