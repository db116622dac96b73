from dataclasses import dataclass
from typing import ClassVar

from marketplace.kit.errors import DomainError


@dataclass(eq=False)
class NotOnTheShelf(DomainError):
    """Pieces that were promised and are not there: sold ahead, or found to be missing."""

    code: ClassVar[str] = "NOT_ON_THE_SHELF"
    field: ClassVar[str | None] = "quantity"

    sku: str
    wanted: int
    there: int

    @property
    def message(self) -> str:
        return f"{self.wanted} of {self.sku} cannot leave: {self.there} of them are on the shelf."
