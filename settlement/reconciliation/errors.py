from dataclasses import dataclass
from typing import ClassVar

from marketplace.kit.errors import DomainError


@dataclass(eq=False)
class RemedyDoesNotFit(DomainError):
    """Something else has to be done about this break; `accepts` says what."""

    code: ClassVar[str] = "REMEDY_DOES_NOT_FIT"

    remedy: str
    problem: str
    accepts: str

    @property
    def message(self) -> str:
        return (
            f"This cannot be settled by “{self.remedy}”: {self.problem}. Possible: {self.accepts}."
        )


@dataclass(eq=False)
class ImportedElsewhere(DomainError):
    """These very bytes are another account's; its lines are never moved."""

    code: ClassVar[str] = "IMPORTED_ELSEWHERE"

    account: str

    @property
    def message(self) -> str:
        return (
            f"This file was imported into “{self.account}” before. Choose that account to see it,"
            " or download this account's own file from the bank."
        )


@dataclass(eq=False)
class WrongBankAccount(DomainError):
    code: ClassVar[str] = "WRONG_BANK_ACCOUNT"

    found: str
    expected: str

    @property
    def message(self) -> str:
        return f"The file is about {self.found}, not about {self.expected}. Nothing was imported."
