"""SWIFT MT940: the older statement format, lines of `:61:` with their `:86:` between balances.

The fields are cut, put in order and checked against the standard here, because the library
forgives what we must refuse (a cut-off balance, a second line over the first). It then reads the
parts of each line and the sub-fields that banks put into `:86:`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from mt940 import Options
from mt940.models import Transactions

from settlement.bank_files.errors import MalformedBankFile
from settlement.bank_files.statements import (
    Statement,
    StatementLine,
    checked,
    minor_units,
    plain_text,
)

TAG = re.compile(r":(\d{2}[A-Z]?):(.*)")
ENVELOPE = re.compile(r"\{[1-5]:.*|-\}.*|-")
BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})(\d{1,14},\d{0,3})")
# Date, entry date, mark, third letter of the currency, amount, kind and references.
LINE = re.compile(r"\d{6}(?:\d{4})?(R?[CD])[A-Z]?(\d{1,14},\d{0,3})[A-Z][A-Z0-9]{3}[^\n]*(\n.*)?")
# The slash words of SWIFT's own structure, used by Dutch and Nordic banks.
SLASHED = re.compile(r"/(EREF|REMI|NAME)/(.*?)/?(?=/[A-Z]{3,4}/|$)")
FULL_LINE = 65


@dataclass(frozen=True, slots=True)
class Field:
    """One tag with its text; `line` is where it begins in the file."""

    tag: str
    text: str
    line: int

    def refuse(self, problem: str, accepts: str) -> NoReturn:
        raise MalformedBankFile(
            where=f"Line {self.line}, :{self.tag}:", problem=problem, accepts=accepts
        )


def read(data: bytes, *, exponents: Mapping[str, int]) -> list[Statement]:
    """Every statement of the file; a page of a long one (`:28C:12/2`) is a statement, too."""
    text = plain_text(data, encodings=("utf-8", "cp1252"))
    return [_statement(fields, exponents) for fields in _blocks([*_fields(text)])]


def _fields(text: str) -> Iterator[Field]:
    """What comes before the first tag is the bank's envelope and is left out."""
    current: Field | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        found = TAG.fullmatch(line)
        if found:
            if current:
                yield current
            current = Field(found[1], found[2].rstrip(), number)
        elif ENVELOPE.fullmatch(line.strip()):
            if current:
                yield current
            current = None
        elif current and line.strip():
            current = Field(current.tag, f"{current.text}\n{line.rstrip()}", current.line)
    if current:
        yield current


def _blocks(fields: list[Field]) -> Iterator[list[Field]]:
    starts = [index for index, field in enumerate(fields) if field.tag == "20"]
    if not starts:
        raise MalformedBankFile(where="The file", problem="no statement begins", accepts=":20:")
    for start, end in zip(starts, [*starts[1:], len(fields)], strict=True):
        yield fields[start:end]


def _statement(fields: list[Field], exponents: Mapping[str, int]) -> Statement:
    account = _only(fields, "25", "25P")
    opening = _only(fields, "60F", "60M")
    closing = _only(fields, "62F", "62M")
    opening_date, currency, opening_minor = _balance(opening, exponents)
    closing_date, closing_currency, closing_minor = _balance(closing, exponents)
    if closing_currency != currency:
        closing.refuse(f"it is in {closing_currency}", f"the opening balance's {currency}")
    inside = [field for field in fields if opening.line < field.line < closing.line]
    bookings = [*_bookings(inside)]
    if len(bookings) != sum(field.tag == "61" for field in fields):
        closing.refuse("a booking stands outside the balances", ":61: between :60: and :62:")
    return checked(
        Statement(
            account=account.text.partition("\n")[0].replace(" ", ""),
            currency=currency,
            number=next((field.text for field in fields if field.tag in {"28C", "28"}), ""),
            opening_date=opening_date,
            opening_minor=opening_minor,
            closing_date=closing_date,
            closing_minor=closing_minor,
            lines=tuple(
                _line(index, booking, details, currency, exponents)
                for index, (booking, details) in enumerate(bookings)
            ),
        )
    )


def _only(fields: list[Field], *tags: str) -> Field:
    found = [field for field in fields if field.tag in tags]
    if not found:
        wanted = " or ".join(f":{tag}:" for tag in tags)
        fields[0].refuse("the statement that begins here is cut off", f"it has {wanted}")
    if len(found) > 1:
        found[1].refuse("the statement has it twice", "one, or a new :20: before it")
    if not found[0].text:
        found[0].refuse("it is empty", "a value")
    return found[0]


def _bookings(fields: list[Field]) -> Iterator[tuple[Field, str]]:
    """Each `:61:` with the text of the `:86:` fields that follow it."""
    for index, field in enumerate(fields):
        if field.tag != "61":
            continue
        details = []
        for following in fields[index + 1 :]:
            if following.tag != "86":
                break
            details.append(following.text)
        yield field, "\n".join(details)


def _balance(field: Field, exponents: Mapping[str, int]) -> tuple[date, str, int]:
    found = BALANCE.fullmatch(field.text)
    if not found:
        field.refuse(f"{field.text!r} is not a balance", "C or D, yymmdd, currency, 1234,56")
    minor = _amount(field, found[4], found[3], exponents)
    return _day(field, found[2]), found[3], minor if found[1] == "C" else -minor


def _amount(field: Field, written: str, currency: str, exponents: Mapping[str, int]) -> int:
    return minor_units(
        Decimal(written.replace(",", ".")),
        currency=currency,
        exponents=exponents,
        where=f"Line {field.line}, :{field.tag}:",
    )


def _day(field: Field, yymmdd: str) -> date:
    try:
        return date.fromisoformat(f"20{yymmdd}")
    except ValueError:
        field.refuse(f"{yymmdd!r} is not a date", "yymmdd")


def _line(
    index: int, field: Field, details: str, currency: str, exponents: Mapping[str, int]
) -> StatementLine:
    found = LINE.fullmatch(field.text)
    if not found:
        accepts = "yymmdd, mmdd, C, D, RC or RD, 1234,56, a kind like NTRF, a reference"
        field.refuse(f"{field.text!r} is not a booking", accepts)
    minor = _amount(field, found[2], currency, exponents)
    details = _joined(details)
    parts = _parts(field, details)
    slashed = dict(SLASHED.findall(details))
    owners = (_word(parts, "customer_reference") or "").removeprefix("NONREF")
    text = _word(parts, "purpose") or _word(parts, "posting_text") or slashed.get("REMI")
    return StatementLine(
        index=index,
        booked_on=_plain(parts.get("entry_date") or parts["date"]),
        value_on=_plain(parts["date"]),
        # A reversed credit (RC) takes money away, a reversed debit (RD) gives it back.
        amount_minor=minor if found[1] in {"C", "RD"} else -minor,
        currency=currency,
        bank_reference=_word(parts, "bank_reference") or "",
        end_to_end_reference=_word(parts, "end_to_end_reference")
        or slashed.get("EREF")
        or owners
        or None,
        text=text or _word(parts, "transaction_details") or _word(parts, "extra_details") or "",
        counterparty=_word(parts, "applicant_name") or slashed.get("NAME"),
        is_reversal=found[1].startswith("R"),
    )


def _parts(field: Field, details: str) -> Mapping[str, Any]:
    """The library's reading of one booking, alone, so that nothing runs into its neighbour."""
    reader = Transactions(options=Options.all())
    try:
        booking = reader.parse(f":61:{field.text}\n:86:{details}")[0]
    except (RuntimeError, ValueError):
        field.refuse(f"{field.text!r} has a part that cannot be read", "real dates and plain text")
    return booking.data


def _word(parts: Mapping[str, Any], name: str) -> str | None:
    return (parts.get(name) or "").strip() or None


def _plain(day: date) -> date:
    """Without the library's own class around it."""
    return date(day.year, day.month, day.day)


def _joined(details: str) -> str:
    """One line of text: banks cut at 65 characters, also within a word, or before a sub-field."""
    joined, *lines = details.split("\n")
    last = joined
    for line in lines:
        is_cut_off = len(last) >= FULL_LINE or line.startswith("?")
        joined += line if is_cut_off else f" {line}"
        last = line
    return joined.strip()
