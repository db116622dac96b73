"""How one bank writes its CSV: which column means what; saved with the bank account."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, NoReturn

from pydantic import ConfigDict, TypeAdapter, ValidationError

from marketplace.kit.errors import InvalidInput

# A column by its header, or by its place counted from 1.
Column = str | int

DELIMITERS = ",;\t|"
GROUP_MARKS = {"", ".", ",", " ", "'", "\u2019", "\u00a0", "\u202f"}
DATE_PARTS = (["%Y", "%d", "%m"], ["%d", "%m", "%y"])
SINGLE_COLUMNS = (
    "account_column", "currency_column", "date", "value_date", "amount", "direction", "credit",
    "debit", "reference", "end_to_end", "counterparty",
)  # fmt: skip


class Sign(StrEnum):
    """What a positive number means in the amount column."""

    CREDIT_IS_POSITIVE = "credit_is_positive"
    DEBIT_IS_POSITIVE = "debit_is_positive"


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvMap:
    """Amounts come from one column, from one with a direction column, or from two columns.

    `direction` holds one of `credit_words` or `debit_words`; the amount then has no sign of its
    own. Of separate `credit` and `debit` columns one is filled per row. `skip_rows` counts what
    the bank writes above the header. Refuses (InvalidInput) what contradicts itself.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    date: Column
    value_date: Column | None = None
    amount: Column | None = None
    sign: Sign = Sign.CREDIT_IS_POSITIVE
    direction: Column | None = None
    credit_words: tuple[str, ...] = ()
    debit_words: tuple[str, ...] = ()
    credit: Column | None = None
    debit: Column | None = None
    account: str | None = None
    account_column: Column | None = None
    currency: str | None = None
    currency_column: Column | None = None
    reference: Column | None = None
    end_to_end: Column | None = None
    text: tuple[Column, ...] = ()
    counterparty: Column | None = None
    delimiter: str = ","
    encoding: str = "utf-8"
    date_format: str = "%Y-%m-%d"
    decimal_mark: str = "."
    thousands_mark: str = ""
    has_header: bool = True
    skip_rows: int = 0

    def __post_init__(self) -> None:
        _check_form(self)
        _check_amounts(self)
        _check_columns(self)

    def columns(self) -> list[tuple[str, Column]]:
        """Every column in use, after the name of the setting that uses it."""
        single = [(name, getattr(self, name)) for name in SINGLE_COLUMNS]
        used = [(name, column) for name, column in single if column is not None]
        return used + [("text", column) for column in self.text]

    def to_json(self) -> str:
        return ADAPTER.dump_json(self, exclude_defaults=True).decode()

    @staticmethod
    def from_json(written: str) -> "CsvMap":
        """Refuses unknown settings and values of another kind: people type maps in by hand."""
        try:
            return ADAPTER.validate_json(written)
        except ValidationError as refused:
            first = refused.errors(include_url=False)[0]
            name = str(first["loc"][0]) if first["loc"] else "map"
            raise InvalidInput(
                name=name, problem=first["msg"], accepts="the settings of docs/bank-files.md"
            ) from None


ADAPTER: TypeAdapter[CsvMap] = TypeAdapter(CsvMap)


def _check_form(csv_map: CsvMap) -> None:
    if len(csv_map.delimiter) != 1 or csv_map.delimiter not in DELIMITERS:
        _refuse("delimiter", f"{csv_map.delimiter!r} is none", "comma, semicolon, tab or |")
    try:
        "0".encode(csv_map.encoding)
    except (LookupError, ValueError, TypeError):
        _refuse("encoding", f"{csv_map.encoding!r} is not known", "utf-8, cp1252, utf-16 …")
    if sorted(re.findall("%.?", csv_map.date_format)) not in DATE_PARTS:
        shown = "%Y-%m-%d, %d.%m.%Y, %m/%d/%y …"
        _refuse("date_format", f"{csv_map.date_format!r} is no date", shown)
    if csv_map.decimal_mark not in {".", ","}:
        _refuse("decimal_mark", f"{csv_map.decimal_mark!r} is none", ". or ,")
    if csv_map.thousands_mark not in GROUP_MARKS - {csv_map.decimal_mark}:
        _refuse("thousands_mark", f"{csv_map.thousands_mark!r} is none", "nothing . , ' or a blank")
    if not 0 <= csv_map.skip_rows <= 100:
        _refuse("skip_rows", f"{csv_map.skip_rows} is out of range", "0 to 100")


def _check_amounts(csv_map: CsvMap) -> None:
    has_pair = csv_map.credit is not None and csv_map.debit is not None
    if (csv_map.amount is None) != has_pair or (
        csv_map.amount is not None and (csv_map.credit, csv_map.debit) != (None, None)
    ):
        _refuse("amount", "it is not clear", "one amount column, or a credit and a debit column")
    words = [*csv_map.credit_words, *csv_map.debit_words]
    if csv_map.direction is None:
        if words:
            _refuse("direction", "there are words and no column for them", "a column")
        return
    if csv_map.amount is None or csv_map.sign is not Sign.CREDIT_IS_POSITIVE:
        _refuse("direction", "it goes with an amount column alone", "direction or sign, not both")
    folded = [word.strip().casefold() for word in words]
    if not csv_map.credit_words or not csv_map.debit_words or len(set(folded)) < len(folded):
        accepts = "at least one word for each side, and none for both"
        _refuse("credit_words", "the words do not tell the sides apart", accepts)


def _check_columns(csv_map: CsvMap) -> None:
    if (csv_map.account is None) == (csv_map.account_column is None):
        _refuse("account", "whose lines these are is not clear", "an account, or its column")
    if (csv_map.currency is None) == (csv_map.currency_column is None):
        _refuse("currency", "it is not clear", "a currency, or its column")
    if csv_map.currency is not None and not re.fullmatch("[A-Z]{3}", csv_map.currency):
        _refuse("currency", f"{csv_map.currency!r} is none", "three capital letters")
    if csv_map.account is not None and not csv_map.account.strip():
        _refuse("account", "it is empty", "an IBAN or the bank's number")
    for name, column in csv_map.columns():
        if isinstance(column, int) and not 1 <= column <= 1000:
            _refuse(name, f"there is no column {column}", "columns count from 1")
        if isinstance(column, str) and not csv_map.has_header:
            _refuse(name, f"{column!r} is a name and the file has no header", "a column's number")


def _refuse(name: str, problem: str, accepts: str) -> NoReturn:
    raise InvalidInput(name=name, problem=problem, accepts=accepts)
