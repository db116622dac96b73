from dataclasses import dataclass
from typing import ClassVar

from marketplace.kit.errors import DomainError


@dataclass(eq=False)
class AlreadyAppealed(DomainError):
    """One appeal at a time: the one there is waits for its answer."""

    code: ClassVar[str] = "ALREADY_APPEALED"

    @property
    def message(self) -> str:
        return "Your appeal is with us already. We answer by e-mail."


@dataclass(eq=False)
class StandingChanged(DomainError):
    """Somebody, or a day's figures, moved the vendor's standing since it was looked at."""

    code: ClassVar[str] = "STANDING_CHANGED"

    @property
    def message(self) -> str:
        return "Its standing has changed meanwhile. Please look again."
