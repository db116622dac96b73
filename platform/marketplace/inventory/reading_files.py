"""Stock levels out of a CSV file: what each line says, or what is wrong with it."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.inventory.access import MOST_PIECES
from marketplace.inventory.feeding import MOST_EVENTS, LevelEvent
from marketplace.kit.errors import InvalidInput

MOST_LINES = 20_000
COLUMNS = ("sku", "location", "on_hand")
_SEPARATORS = ",;\t"
_NUMBER = re.compile(r"[0-9]{1,18}")


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
    rows = _rows(content, COLUMNS)
    if not 0 < len(rows) <= MOST_LINES:
        raise InvalidInput("file", f"it has {len(rows)} lines", f"1 to {MOST_LINES}")
    return _without_repetitions([_line(position, row) for position, row in rows])


def read_events(content: bytes) -> Sequence[LevelEvent] | None:
    """The same file with the columns id and version is a feed; None where it has not both.

    Refuses (InvalidInput) what `read_levels` refuses, and any line that is no event.
    """
    names = {name.strip().lower() for name in re.split("[,;\t]", _text_of(content).split("\n")[0])}
    if not {"id", "version"} <= names:
        return None
    rows = _rows(content, (*COLUMNS, "id", "version"))
    if not 0 < len(rows) <= MOST_EVENTS:
        raise InvalidInput("file", f"it has {len(rows)} events", f"1 to {MOST_EVENTS}")
    return [_event(position, *row) for position, row in rows]


def _event(
    position: int, sku: str, location: str, on_hand: str, event_key: str, version: str
) -> LevelEvent:
    if not (_NUMBER.fullmatch(on_hand) and _NUMBER.fullmatch(version)):
        problem = f"line {position} has no number on hand or no version"
        raise InvalidInput("file", problem, "whole numbers")
    return LevelEvent(
        event_key=_text(event_key, 121), sku=_text(sku, 64), location=_text(location, 40),
        version=int(version), on_hand=int(on_hand),
    )  # fmt: skip


def _rows(content: bytes, columns: Sequence[str]) -> list[tuple[int, list[str]]]:
    """The columns' cells of each line that has any, by its line in the file."""
    text = _text_of(content)
    header, _, _ = text.partition("\n")
    separator = max(_SEPARATORS, key=header.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        names = [name.strip().lower().replace(" ", "_") for name in next(lines, [])]
        if not set(columns) <= set(names):
            raise InvalidInput("file", "its first line misses columns", ", ".join(columns))
        places = [names.index(column) for column in columns]
        return [
            (lines.line_num, [row[place].strip() if place < len(row) else "" for place in places])
            for row in lines
            if any(map(str.strip, row))
        ]
    except csv.Error as error:
        raise InvalidInput("file", "it is no CSV", "CSV in UTF-8") from error


def _text_of(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("file", "it is no UTF-8 text", "CSV in UTF-8") from error


def _line(position: int, row: Sequence[str]) -> FileLine:
    sku, location, pieces = row
    problem = None
    if not 0 < len(sku) <= 64:
        problem = "It has no SKU." if not sku else "Its SKU is too long."
    elif not 0 < len(location) <= 40:
        problem = "It has no location." if not location else "Its location is too long."
    on_hand = int(pieces) if _NUMBER.fullmatch(pieces) else None
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
