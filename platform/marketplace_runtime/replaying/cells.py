"""One CSV row, read cell by cell: what cannot be read is noted with its place, not raised."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from marketplace_runtime.replaying.errors import RowError

Word = TypeVar("Word", bound=StrEnum)

LONGEST_SHOWN = 60
YEARS = range(1990, 2090)
_IDENTIFIER = re.compile(r"[0-9A-Za-z_-]{1,32}")
_AMOUNT = re.compile(r"(-?)([0-9]{1,9})(?:\.([0-9]{1,2}))?")
_NUMBER = re.compile(r"[0-9]{1,4}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(:[0-9]{2})?")


@dataclass(slots=True)
class Cells:
    """`is_broken` once a cell was refused; the value it then answered with means nothing."""

    file: str
    line: int
    row: Mapping[str, str]
    errors: list[RowError]
    is_broken: bool = field(default=False, init=False)

    def identifier(self, column: str) -> str:
        text = self._text(column)
        if not _IDENTIFIER.fullmatch(text):
            self._refuse(column, text, "is not an id", "1 to 32 letters, digits, - or _")
        return text

    def name(self, column: str) -> str:
        text = " ".join(self._text(column).split())
        if not 0 < len(text) <= 80:
            self._refuse(column, text, "is empty or too long", "1 to 80 characters")
        return text

    def number(self, column: str) -> int:
        text = self._text(column)
        if not _NUMBER.fullmatch(text) or int(text) == 0:
            self._refuse(column, text, "is not a number of an item", "1 to 9999")
            return 0
        return int(text)

    def amount(self, column: str, *, least: int) -> int:
        """Minor units; `least` is the smallest that will do."""
        text = self._text(column)
        accepts = "an amount such as 29.99, " + ("above zero" if least else "zero or more")
        found = _AMOUNT.fullmatch(text)
        if not found:
            self._refuse(column, text, "is not an amount", accepts)
            return 0
        sign, whole, cents = found.groups()
        minor = int(whole) * 100 + int((cents or "").ljust(2, "0"))
        if sign and minor:
            self._refuse(column, text, "is negative", accepts)
        elif minor < least:
            self._refuse(column, text, "is too little", accepts)
        return minor

    def moment(self, column: str) -> datetime:
        """A wall clock's time, without its zone."""
        text = self._text(column)
        if _MOMENT.fullmatch(text):
            with suppress(ValueError):
                moment = datetime.fromisoformat(text)
                if moment.year in YEARS:
                    return moment
        self._refuse(column, text, "is not a time", "YYYY-MM-DD HH:MM, from 1990 to 2089")
        return datetime.min  # noqa: DTZ901 - never looked at: the row is broken

    def word(self, column: str, words: type[Word]) -> Word:
        text = self._text(column)
        if text not in set(words):
            self._refuse(column, text, "is not a known word", " or ".join(words))
            return next(iter(words))
        return words(text)

    def refuse(self, column: str, problem: str, accepts: str) -> None:
        self.is_broken = True
        self.errors.append(RowError(self.file, self.line, column, problem, accepts))

    def check_width(self, columns: Sequence[str], extra: int) -> None:
        """A row with another number of cells than the header has is not what it seems."""
        missing = [column for column in columns if column not in self.row]
        if missing:
            self.refuse(missing[0], "the cell is missing", "one cell for each column of line 1")
        elif extra:
            self.refuse(columns[-1], f"{extra} cells too many follow", "as many cells as in line 1")

    def _text(self, column: str) -> str:
        return self.row.get(column, "").strip()

    def _refuse(self, column: str, text: str, problem: str, accepts: str) -> None:
        shown = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
        self.refuse(column, f"{shown!r} {problem}" if text else "it is empty", accepts)
