"""What a replay can refuse, in sentences for the person at the terminal."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace_runtime.errors import RuntimeRefusal


@dataclass(frozen=True, slots=True, order=True)
class RowError:
    """One cell that cannot be read or does not fit; lines count from 1, the header's."""

    file: str
    line: int
    column: str
    problem: str
    accepts: str

    def __str__(self) -> str:
        return (
            f"{self.file}, line {self.line}, {self.column}: {self.problem}. "
            f"Accepted: {self.accepts}."
        )


class BrokenHistory(RuntimeRefusal):
    """Rows that cannot be replayed: all of them, each with its place. Nothing was written."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        said = "\n".join(f"  {error}" for error in errors)
        super().__init__(f"the history has {count}; nothing was written.\n{said}")
        self.errors = errors


class ReplayRefused(RuntimeRefusal):
    """The replay cannot begin here, or cannot go on."""
