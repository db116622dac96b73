from dataclasses import dataclass
from typing import ClassVar

from marketplace.kit.errors import DomainError


@dataclass(eq=False)
class AlreadyAnswered(DomainError):
    """The bank takes one answer to each question."""

    code: ClassVar[str] = "ALREADY_ANSWERED"

    @property
    def message(self) -> str:
        return "This dispute was answered before. The bank takes one answer."
