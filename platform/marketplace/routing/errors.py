from dataclasses import dataclass
from typing import ClassVar

from marketplace.kit.errors import DomainError
from marketplace.routing.documents import Problem


@dataclass(eq=False)
class InvalidRules(DomainError):
    """Every problem at once; each names its row, from 1, and its field."""

    code: ClassVar[str] = "INVALID_RULES"

    problems: tuple[Problem, ...]

    @property
    def message(self) -> str:
        told = [
            f"{f'row {one.row}, ' if one.row else ''}{one.field}: {one.problem}"
            for one in self.problems
        ]
        return f"These rules cannot be kept. {'; '.join(told)}."


@dataclass(eq=False)
class StaleEdition(DomainError):
    """Somebody else changed the draft since the caller looked."""

    code: ClassVar[str] = "STALE_VERSION"

    current: int

    @property
    def message(self) -> str:
        return "These rules were changed in the meantime. Look at them again, then decide."


@dataclass(eq=False)
class TooLittleAgreement(DomainError):
    """Percent of decisions, and how many there were; `fewest` have to be compared first."""

    code: ClassVar[str] = "TOO_LITTLE_AGREEMENT"

    agreed_percent: str
    needed_percent: int
    compared: int
    fewest: int

    @property
    def message(self) -> str:
        if self.compared < self.fewest:
            return (
                f"Only {self.compared} decisions were compared in shadow; {self.fewest} are needed"
                " before these rules may decide."
            )
        return (
            f"These rules agree with {self.agreed_percent} percent of {self.compared} decisions;"
            f" {self.needed_percent} percent are needed before they may decide."
        )


@dataclass(eq=False)
class ShadowTaken(DomainError):
    code: ClassVar[str] = "SHADOW_TAKEN"

    version: int

    @property
    def message(self) -> str:
        return f"Version {self.version} of this channel runs in shadow already. End that first."
