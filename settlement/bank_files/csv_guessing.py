"""A first column map for a bank's CSV, from its header and rows; a person looks it over."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from settlement.bank_files.csv_map import DELIMITERS, CsvMap
from settlement.bank_files.errors import UnknownBankFile
from settlement.bank_files.statements import plain_text

# Words of headers in English, German, Dutch, French and Spanish; the first that fits wins.
HEADERS = {
    "value_date": ("value date", "valuta", "wertstellung", "valutadatum", "rentedatum",
                   "date de valeur", "fecha valor"),
    "date": ("booking date", "posting date", "buchungstag", "buchungsdatum", "boekdatum",
             "date de comptabilisation", "fecha contable", "booked", "datum", "date", "fecha"),
    "credit": ("credit", "haben", "paid in", "money in", "crédit", "abono"),
    "debit": ("debit", "soll", "paid out", "money out", "débit", "cargo"),
    "amount": ("amount", "betrag", "bedrag", "umsatz", "montant", "importe"),
    "currency_column": ("currency", "währung", "waehrung", "valuta code", "munt", "devise",
                        "divisa"),
    "account_column": ("iban", "account", "auftragskonto", "rekening", "compte", "cuenta"),
    "end_to_end": ("end to end", "end-to-end", "endtoend", "e2e", "kundenreferenz"),
    "reference": ("bank reference", "transaction id", "reference", "referenz", "referentie",
                  "référence", "referencia"),
    "counterparty": ("counterparty", "payee", "beguenstigter", "begünstigter", "naam", "name",
                     "beneficiary", "bénéficiaire", "beneficiario"),
    "text": ("description", "verwendungszweck", "omschrijving", "libellé", "concepto", "details",
             "memo", "text"),
}  # fmt: skip
DATE_FORMATS = (
    "%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%d-%m-%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y%m%d",
)  # fmt: skip
MAX_PREAMBLE = 20
SAMPLE = 200


@dataclass(frozen=True, slots=True)
class Table:
    skipped: int
    delimiter: str
    header: list[str]
    rows: list[list[str]]


def suggest(data: bytes, *, account: str, currency: str) -> CsvMap:
    """A map that fits what can be seen; refused when no header with a date and amount is found.

    `account` and `currency` are taken where the file has no column for them.
    """
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else _encoding(data)
    text = plain_text(data, encodings=(encoding,))
    for table in _tables(text):
        found = _meant(table.header)
        if "date" in found and ("amount" in found or "credit" in found) and table.rows:
            return _map(found, table, encoding, account, currency)
    raise UnknownBankFile(
        problem="No header row with a date and an amount was found.",
        accepts="CSV with a header, or a column map by hand",
    )


def _encoding(data: bytes) -> str:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _tables(text: str) -> Iterator[Table]:
    """Each line near the top taken for the header, with the rows below that are as wide."""
    lines = text.split("\n")
    for skipped in range(min(MAX_PREAMBLE, len(lines))):
        delimiter = max(DELIMITERS, key=lines[skipped].count)
        near = StringIO("\n".join(lines[skipped : skipped + SAMPLE]))
        try:
            cells = [
                [cell.strip() for cell in row] for row in csv.reader(near, delimiter=delimiter)
            ]
        except csv.Error:
            continue
        header, *rows = cells or [[]]
        yield Table(skipped, delimiter, header, [row for row in rows if len(row) == len(header)])


def _meant(header: Sequence[str]) -> dict[str, str]:
    """Setting → title. A title serves one setting, and only titles that are there once serve."""
    found: dict[str, str] = {}
    free = [title for title in header if title and header.count(title) == 1]
    for setting, words in HEADERS.items():
        match = next((title for word in words for title in free if word in _words(title)), None)
        if match is not None:
            found[setting] = match
            free.remove(match)
    if "date" not in found and "value_date" in found:
        found["date"] = found.pop("value_date")
    # Two columns for the amount are two, or none of them counts; one with a sign is better.
    if "amount" in found or not {"credit", "debit"} <= found.keys():
        found.pop("credit", None)
        found.pop("debit", None)
    return found


def _words(title: str) -> str:
    return title.casefold().replace("_", " ")


def _map(found: dict[str, str], table: Table, encoding: str, account: str, currency: str) -> CsvMap:
    def cells(*settings: str) -> list[str]:
        places = [table.header.index(found[name]) for name in settings if name in found]
        return [row[place] for row in table.rows for place in places if row[place]]

    decimal, thousands = _marks(cells("amount", "credit", "debit"))
    return CsvMap(
        date=found["date"],
        value_date=found.get("value_date"),
        amount=found.get("amount"),
        credit=found.get("credit"),
        debit=found.get("debit"),
        account=None if "account_column" in found else account,
        account_column=found.get("account_column"),
        currency=None if "currency_column" in found else currency,
        currency_column=found.get("currency_column"),
        reference=found.get("reference"),
        end_to_end=found.get("end_to_end"),
        text=(found["text"],) if "text" in found else (),
        counterparty=found.get("counterparty"),
        delimiter=table.delimiter,
        encoding=encoding,
        date_format=_date_format(cells("date", "value_date")),
        decimal_mark=decimal,
        thousands_mark=thousands,
        skip_rows=table.skipped,
    )


def _marks(amounts: list[str]) -> tuple[str, str]:
    """A mark before the last one or two digits is the decimal mark; another groups."""
    comma = sum(bool(re.search(r",\d{1,2}\D*$", amount)) for amount in amounts)
    point = sum(bool(re.search(r"\.\d{1,2}\D*$", amount)) for amount in amounts)
    decimal, other = (",", ".") if comma > point else (".", ",")
    grouping = (other, " ", "'", "\u2019", "\u00a0", "\u202f")
    return decimal, next((mark for mark in grouping if any(mark in one for one in amounts)), "")


def _date_format(days: list[str]) -> str:
    """The first that fits every row, so that a 13th of the month tells days from months."""
    return next(
        (form for form in DATE_FORMATS if all(_fits(day, form) for day in days)), "%Y-%m-%d"
    )


def _fits(day: str, form: str) -> bool:
    try:
        datetime.strptime(day, form)  # noqa: DTZ007 - a date has no zone
    except ValueError:
        return False
    return True
