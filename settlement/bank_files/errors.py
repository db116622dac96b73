"""Why a bank file was not read: each names the place, what is wrong and what would be accepted."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from marketplace.kit.errors import DomainError
from marketplace.kit.money import Money


@dataclass(eq=False)
class UnknownBankFile(DomainError):
    """The content is of no format that can be read."""

    code: ClassVar[str] = "UNKNOWN_BANK_FILE"
    field: ClassVar[str | None] = "file"

    problem: str
    accepts: str

    @property
    def message(self) -> str:
        return f"{self.problem} Accepted: {self.accepts}."


@dataclass(eq=False)
class BankFileTooLarge(DomainError):
    """`limit` counts what `unit` names."""

    code: ClassVar[str] = "BANK_FILE_TOO_LARGE"
    field: ClassVar[str | None] = "file"

    limit: int
    unit: str

    @property
    def message(self) -> str:
        return f"The file has more than {self.limit:,} {self.unit}. Ask the bank for a shorter one."


@dataclass(eq=False)
class MalformedBankFile(DomainError):
    """`where` is the line or the statement, entry and field as the format spells it."""

    code: ClassVar[str] = "MALFORMED_BANK_FILE"
    field: ClassVar[str | None] = "file"

    where: str
    problem: str
    accepts: str

    @property
    def message(self) -> str:
        return f"{self.where}: {self.problem}. Accepted: {self.accepts}."


@dataclass(eq=False)
class StatementDoesNotAddUp(DomainError):
    """Opening balance and lines give `computed`, the file says `stated`: so a line is amiss."""

    code: ClassVar[str] = "STATEMENT_DOES_NOT_ADD_UP"
    field: ClassVar[str | None] = "file"

    account: str
    number: str
    closing_date: date | None
    computed: Money
    stated: Money

    @property
    def message(self) -> str:
        name = f"Statement {self.number}" if self.number else "The statement"
        day = f" on {self.closing_date}" if self.closing_date else ""
        return (
            f"{name} of account {self.account} does not add up: its opening balance and lines "
            f"give {self.computed}, its closing balance{day} is {self.stated}."
        )
