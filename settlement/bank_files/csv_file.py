"""CSV as a bank writes it, read with the map that was saved for that bank."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import NoReturn

from settlement.bank_files.csv_map import Column, CsvMap, Sign
from settlement.bank_files.errors import BankFileTooLarge, MalformedBankFile
from settlement.bank_files.statements import (
    MAX_LINES,
    Statement,
    StatementLine,
    checked,
    minor_units,
    plain_text,
)

# Spreadsheets keep leading zeros so; the formula means nothing but its text.
QUOTED_FORMULA = re.compile('="([^"]*)"')
MINUS = str.maketrans({"\u2212": "-", "\u2013": "-"})


@dataclass(frozen=True, slots=True)
class Row:
    """Cells by position, and the line of the file they end on."""

    cells: Sequence[str]
    line: int


def read(data: bytes, *, csv_map: CsvMap, exponents: Mapping[str, int]) -> list[Statement]:
    """One statement per account and currency in the file; CSV has no balances to compare.

    Cells are text: a formula is never worked out, and is refused where a number or date belongs.
    """
    text = plain_text(data, encodings=(csv_map.encoding,))
    rows = [*_rows(text, csv_map)]
    places, width = _places(rows, csv_map)
    found: dict[tuple[str, str], list[StatementLine]] = defaultdict(list)
    for row in rows[1:] if csv_map.has_header else rows:
        if len(row.cells) != width:
            problem = f"it has {len(row.cells)} cells"
            _refuse(f"Line {row.line}", problem, f"{width}, as in the first row")
        reader = _RowReader(row, csv_map, places, exponents)
        lines = found[reader.account(), reader.currency()]
        lines.append(reader.line(len(lines)))
    return [_statement(account, currency, lines) for (account, currency), lines in found.items()]


def _rows(text: str, csv_map: CsvMap) -> Iterator[Row]:
    """Rows with anything in them, the bank's words above the header left out."""
    below = text.split("\n", csv_map.skip_rows)[csv_map.skip_rows :]
    reader = csv.reader(
        StringIO("".join(below), newline=""), delimiter=csv_map.delimiter, strict=True
    )
    count = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                count += 1
                if count > MAX_LINES + 1:
                    raise BankFileTooLarge(limit=MAX_LINES, unit="bookings")
                yield Row([_unquoted(cell) for cell in cells], reader.line_num + csv_map.skip_rows)
    except csv.Error:
        where = f"Line {reader.line_num + csv_map.skip_rows}"
        _refuse(where, "its quotes do not close or a cell is too long", "CSV with closed quotes")


def _unquoted(cell: str) -> str:
    cell = cell.strip()
    formula = QUOTED_FORMULA.fullmatch(cell)
    return formula[1] if formula else cell


def _places(rows: list[Row], csv_map: CsvMap) -> tuple[dict[Column, int], int]:
    """Where each column stands, counted from 0, and how many there are."""
    if not rows:
        _refuse("The file", "it is empty", "a header row" if csv_map.has_header else "rows")
    header = rows[0].cells
    places: dict[Column, int] = {}
    for name, column in csv_map.columns():
        if isinstance(column, int):
            found = [column - 1] if column <= len(header) else []
        else:
            found = [place for place, title in enumerate(header) if title == column.strip()]
        if len(found) != 1:
            problem = f"the column {column!r} for {name} is there {len(found)} times"
            accepts = (
                f"one of: {', '.join(header)}" if csv_map.has_header else f"1 to {len(header)}"
            )
            _refuse(f"Line {rows[0].line}", problem, accepts)
        places[column] = found[0]
    return places, len(header)


class _RowReader:
    def __init__(
        self, row: Row, csv_map: CsvMap, places: Mapping[Column, int], exponents: Mapping[str, int]
    ) -> None:
        self.row = row
        self.map = csv_map
        self.places = places
        self.exponents = exponents

    def account(self) -> str:
        account = self.map.account or self._cell(self.map.account_column)
        if not account:
            raise self._refusal(
                self.map.account_column, "it is empty", "an IBAN or the bank's number"
            )
        return account.replace(" ", "")

    def currency(self) -> str:
        return self.map.currency or self._cell(self.map.currency_column).upper()

    def line(self, index: int) -> StatementLine:
        texts = (self._cell(column) for column in self.map.text)
        has_value_date = self._cell(self.map.value_date) != ""
        return StatementLine(
            index=index,
            booked_on=self._day(self.map.date),
            value_on=self._day(self.map.value_date) if has_value_date else None,
            amount_minor=self._signed(),
            currency=self.currency(),
            bank_reference=self._cell(self.map.reference),
            end_to_end_reference=self._cell(self.map.end_to_end) or None,
            text=" ".join(text for text in texts if text),
            counterparty=self._cell(self.map.counterparty) or None,
            is_reversal=False,
        )

    def _signed(self) -> int:
        if self.map.amount is None:
            return self._one_of_two()
        minor = self._minor(self.map.amount)
        if self.map.direction is None:
            return minor if self.map.sign is Sign.CREDIT_IS_POSITIVE else -minor
        if minor < 0:
            raise self._refusal(
                self.map.amount, "it has a sign", "no sign: the direction column has it"
            )
        word = self._cell(self.map.direction).casefold()
        if word in {credit.strip().casefold() for credit in self.map.credit_words}:
            return minor
        if word in {debit.strip().casefold() for debit in self.map.debit_words}:
            return -minor
        accepts = ", ".join((*self.map.credit_words, *self.map.debit_words))
        raise self._refusal(self.map.direction, f"{word!r} is neither side", accepts)

    def _one_of_two(self) -> int:
        """Banks fill the other column with nothing or with 0; some write debits with a minus."""
        credit, debit = (
            self._minor(column) if self._cell(column) else 0
            for column in (self.map.credit, self.map.debit)
        )
        both_empty = not self._cell(self.map.credit) and not self._cell(self.map.debit)
        if both_empty or (credit and debit):
            raise self._refusal(
                self.map.credit, "the row has no clear amount", "a credit or a debit"
            )
        if credit < 0:
            raise self._refusal(self.map.credit, "a credit has a minus", "no sign")
        return credit - abs(debit)

    def _minor(self, column: Column | None) -> int:
        written = self._cell(column)
        negative, number = _number(written, self.map)
        if number is None:
            mark = self.map.decimal_mark
            accepts = f"1234{mark}56, thousands marked by {self.map.thousands_mark!r}"
            raise self._refusal(column, f"{written!r} is not an amount", accepts)
        where = f"Line {self.row.line}, {column}"
        minor = minor_units(number, currency=self.currency(), exponents=self.exponents, where=where)
        decimals = -int(number.as_tuple().exponent)
        if decimals > self.exponents[self.currency()]:
            # 1.250 may be a thousand in another country: never guess.
            raise self._refusal(column, f"{written!r} has too many decimals", self._decimals())
        return -minor if negative else minor

    def _decimals(self) -> str:
        return f"at most {self.exponents[self.currency()]} decimals"

    def _day(self, column: Column | None) -> date:
        written = self._cell(column)
        try:
            return datetime.strptime(written, self.map.date_format).date()  # noqa: DTZ007 - a date
        except ValueError:
            problem = f"{written!r} is not a date"
            raise self._refusal(column, problem, self.map.date_format) from None

    def _cell(self, column: Column | None) -> str:
        return "" if column is None else self.row.cells[self.places[column]]

    def _refusal(self, column: Column | None, problem: str, accepts: str) -> MalformedBankFile:
        where = f"Line {self.row.line}, {column}"
        return MalformedBankFile(where=where, problem=problem, accepts=accepts)


def _number(written: str, csv_map: CsvMap) -> tuple[bool, Decimal | None]:
    """Whether it is negative, and its size; None when it is not a number of this map.

    A minus may lead, follow, or be written as brackets; thousands are marked rightly or not at all.
    """
    group, mark = re.escape(csv_map.thousands_mark), re.escape(csv_map.decimal_mark)
    grouped = rf"[0-9]{{1,3}}(?:{group}[0-9]{{2,3}})*{group}[0-9]{{3}}|" if group else ""
    shape = re.compile(rf"(?P<whole>{grouped}[0-9]{{1,18}})(?:{mark}(?P<decimals>[0-9]{{0,5}}))?")
    signed = re.fullmatch(r"\((.*)\)|([-+]?)\s*(.*?)\s*(-?)", written.translate(MINUS))
    if not signed or (signed[2] and signed[4]):
        return False, None
    found = shape.fullmatch(signed[3] if signed[1] is None else signed[1])
    if not found:
        return False, None
    whole = found["whole"].replace(csv_map.thousands_mark, "") if group else found["whole"]
    negative = signed[1] is not None or "-" in {signed[2], signed[4]}
    return negative, Decimal(f"{whole}.{found['decimals'] or ''}")


def _statement(account: str, currency: str, lines: list[StatementLine]) -> Statement:
    days = [line.booked_on for line in lines]
    return checked(
        Statement(
            account=account,
            currency=currency,
            number="",
            opening_date=min(days),
            opening_minor=None,
            closing_date=max(days),
            closing_minor=None,
            lines=tuple(lines),
        )
    )


def _refuse(where: str, problem: str, accepts: str) -> NoReturn:
    raise MalformedBankFile(where=where, problem=problem, accepts=accepts)
