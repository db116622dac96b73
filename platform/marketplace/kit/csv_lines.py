"""Rows as lines of CSV (RFC 4180) that a spreadsheet may open without running them."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

Cell = str | int | Decimal | None
# A spreadsheet takes a text that starts with one of these for a formula, and runs it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # spreadsheets read UTF-8 only behind it


def csv_lines(rows: Iterable[Sequence[Cell]]) -> str:
    """Each row as a line that ends with CR LF; no value is an empty cell."""
    written = io.StringIO()
    csv.writer(written).writerows([harmless(cell) for cell in row] for row in rows)
    return written.getvalue()


def harmless(cell: Cell) -> Cell:
    """Numbers as they are; a text that would be a formula behind an apostrophe."""
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell
