"""The root of every refusal the platform can give a caller.

A DomainError is expected: the caller can read it and act on it, no code needs to change.
Anything else that escapes is a bug and is logged as one.
"""

from abc import abstractmethod
from dataclasses import dataclass, fields
from typing import ClassVar


@dataclass(eq=False)
class DomainError(Exception):
    """A fact with its data, a code for programs and one plain sentence for people.

    `field` names the input that was wrong, as the caller spelt it; `retryable` says that the same
    request may succeed later.
    """

    code: ClassVar[str]
    field: ClassVar[str | None] = None
    retryable: ClassVar[bool] = False

    @property
    @abstractmethod
    def message(self) -> str: ...

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[type["DomainError"], tuple[object, ...]]:
        # Exceptions built with keywords have empty args; copying and queues rebuild from fields.
        return type(self), tuple(getattr(self, field.name) for field in fields(self))


@dataclass(eq=False)
class NotFound(DomainError):
    """What does not exist and what belongs to somebody else get this same answer."""

    code: ClassVar[str] = "NOT_FOUND"

    thing: str

    @property
    def message(self) -> str:
        return f"There is no such {self.thing}."


@dataclass(eq=False)
class IllegalMove(DomainError):
    code: ClassVar[str] = "ILLEGAL_MOVE"

    thing: str
    state: str
    move: str

    @property
    def message(self) -> str:
        state = self.state.replace("_", " ").lower()
        move = self.move.replace("_", " ").lower()
        return f"A {self.thing} that is {state} cannot {move}."


@dataclass(eq=False)
class InvalidInput(DomainError):
    """Something a person typed or a program sent; `accepts` says what would do."""

    code: ClassVar[str] = "INVALID_INPUT"

    name: str
    problem: str
    accepts: str

    @property
    def message(self) -> str:
        return f"{self.name}: {self.problem}. Accepted: {self.accepts}."


@dataclass(eq=False)
class Forbidden(DomainError):
    code: ClassVar[str] = "FORBIDDEN"

    action: str

    @property
    def message(self) -> str:
        return f"Your role does not allow you to {self.action}."
