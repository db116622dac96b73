"""Stock levels out of a CSV file: what each line says, or what is wrong with it."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.inventory.access import MOST_PIECES
from marketplace.kit.errors import InvalidInput

MOST_LINES = 20_000
COLUMNS = ("sku", "location", "on_hand")
_SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """`position` is its line in the file, the header's is 1; `on_hand` is None where it is none."""

    position: int
    sku: str
    location: str
    on_hand: int | None
    problem: str | None


def read_levels(content: bytes) -> Sequence[FileLine]:
    """Refuses (InvalidInput) what is no UTF-8 text, has not the columns, no lines or too many."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("file", "it is no UTF-8 text", "CSV in UTF-8") from error
    header, _, _ = text.partition("\n")
    separator = max(_SEPARATORS, key=header.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        names = [name.strip().lower().replace(" ", "_") for name in next(rows, [])]
        if not set(COLUMNS) <= set(names):
            raise InvalidInput("file", "its first line misses columns", ", ".join(COLUMNS))
        places = [names.index(column) for column in COLUMNS]
        lines = [_line(rows.line_num, row, places) for row in rows if any(map(str.strip, row))]
    except csv.Error as error:
        raise InvalidInput("file", "it is no CSV", "CSV in UTF-8") from error
    if not 0 < len(lines) <= MOST_LINES:
        raise InvalidInput("file", f"it has {len(lines)} lines", f"1 to {MOST_LINES}")
    return _without_repetitions(lines)


def _line(position: int, row: Sequence[str], places: Sequence[int]) -> FileLine:
    sku, location, pieces = (row[place].strip() if place < len(row) else "" for place in places)
    problem = None
    if not 0 < len(sku) <= 64:
        problem = "It has no SKU." if not sku else "Its SKU is too long."
    elif not 0 < len(location) <= 40:
        problem = "It has no location." if not location else "Its location is too long."
    on_hand = int(pieces) if pieces.isascii() and pieces.isdigit() and len(pieces) < 10 else None
    if problem is None and (on_hand is None or on_hand > MOST_PIECES):
        problem = f"On hand is a whole number from 0 to {MOST_PIECES}."
    return FileLine(
        position=position, sku=_text(sku, 64), location=_text(location, 40),
        on_hand=None if problem else on_hand, problem=problem,
    )  # fmt: skip


def _without_repetitions(lines: Sequence[FileLine]) -> Sequence[FileLine]:
    """Two lines for one stock item contradict each other: only the first counts."""
    first: dict[tuple[str, str], int] = {}
    kept = []
    for line in lines:
        seen = first.setdefault((line.sku, line.location), line.position)
        if seen != line.position and line.problem is None:
            line = FileLine(
                position=line.position, sku=line.sku, location=line.location, on_hand=None,
                problem=f"Line {seen} is for the same stock item.",
            )  # fmt: skip
        kept.append(line)
    return kept


def _text(value: str, most: int) -> str:
    """What can be stored and shown of it: PostgreSQL knows no NUL."""
    return "".join(letter for letter in value if letter.isprintable())[:most]
