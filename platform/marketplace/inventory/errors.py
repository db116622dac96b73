from dataclasses import dataclass
from datetime import date
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


@dataclass(eq=False)
class StaleStock(DomainError):
    """The figure that a change was made from is not what is on hand any more."""

    code: ClassVar[str] = "STALE_STOCK"
    field: ClassVar[str | None] = "changeFrom"
    retryable: ClassVar[bool] = True

    expected: int
    current: int

    @property
    def message(self) -> str:
        return f"There are {self.current} on hand now, not {self.expected}. Nothing was changed."


@dataclass(eq=False)
class StockIsPromised(DomainError):
    """Fewer pieces than customers were promised; `least` is what would still do."""

    code: ClassVar[str] = "STOCK_IS_PROMISED"

    reserved: int
    least: int

    @property
    def message(self) -> str:
        return (
            f"{self.reserved} are promised to customers, so it cannot be fewer than {self.least}."
            " If they are not there, record a count: the orders that miss them are told."
        )


@dataclass(eq=False)
class StockBusy(DomainError):
    """Those who miss pieces are being paid for at this moment."""

    code: ClassVar[str] = "STOCK_BUSY"
    retryable: ClassVar[bool] = True

    @property
    def message(self) -> str:
        return "These pieces are being bought at this moment. Nothing was changed; try again."


@dataclass(eq=False)
class CodeTaken(DomainError):
    code: ClassVar[str] = "CODE_TAKEN"
    field: ClassVar[str | None] = "code"

    taken: str

    @property
    def message(self) -> str:
        return f"You have a location with the code {self.taken} already."


@dataclass(eq=False)
class InboundClosed(DomainError):
    code: ClassVar[str] = "INBOUND_CLOSED"

    reference: str

    @property
    def message(self) -> str:
        return f"The delivery {self.reference} was received or given up before."


@dataclass(eq=False)
class InThePast(DomainError):
    code: ClassVar[str] = "IN_THE_PAST"

    name: str
    day: date

    @property
    def message(self) -> str:
        return f"{self.name}: {self.day} is over. Choose today or later."


@dataclass(eq=False)
class UploadOver(DomainError):
    code: ClassVar[str] = "UPLOAD_OVER"

    state: str

    @property
    def message(self) -> str:
        return f"This file is {self.state} already."


@dataclass(eq=False)
class UploadHasErrors(DomainError):
    """All or nothing was asked for, and not all of it can be."""

    code: ClassVar[str] = "UPLOAD_HAS_ERRORS"

    problems: int

    @property
    def message(self) -> str:
        lines = "One line has" if self.problems == 1 else f"{self.problems} lines have"
        return f"{lines} a problem, and you asked for all or nothing. Nothing was changed."


@dataclass(eq=False)
class NoSuchStockItem(DomainError):
    """Named by SKU and location; `wrong` is the part of the name that does not fit."""

    code: ClassVar[str] = "NO_SUCH_STOCK_ITEM"

    wrong: str
    problem: str

    @property
    def message(self) -> str:
        return self.problem
