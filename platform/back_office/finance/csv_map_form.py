"""The fields of a column map: filled in from one, and read back."""

import json
from collections.abc import Mapping, Sequence

from marketplace.kit.errors import InvalidInput
from marketplace_web.forms import Form
from settlement.bank_files.csv_map import SINGLE_COLUMNS, Column, CsvMap, Sign
from settlement.reconciliation.queries import BankAccountView

COLUMNS = (
    ("date", "Day booked", True),
    ("value_date", "Value date", False),
    ("amount", "Amount, in one column", False),
    ("credit", "Money in, in a column of its own", False),
    ("debit", "Money out, in a column of its own", False),
    ("direction", "In or out, as a word", False),
    ("reference", "Bank's reference", False),
    ("end_to_end", "End-to-end reference", False),
    ("counterparty", "Who paid or was paid", False),
    ("text", "Text", False),
    ("account_column", "Account", False),
    ("currency_column", "Currency", False),
)
DELIMITERS = ((",", "Comma"), (";", "Semicolon"), ("\t", "Tab"), ("|", "Bar"))
ENCODINGS = (("utf-8", "UTF-8"), ("cp1252", "Windows"), ("utf-16", "UTF-16"))
DATE_FORMATS = (
    ("%Y-%m-%d", "2026-11-30"), ("%d.%m.%Y", "30.11.2026"), ("%d.%m.%y", "30.11.26"),
    ("%d/%m/%Y", "30/11/2026"), ("%m/%d/%Y", "11/30/2026"), ("%d-%m-%Y", "30-11-2026"),
    ("%Y%m%d", "20261130"), ("%Y/%m/%d", "2026/11/30"),
)  # fmt: skip
DECIMAL_MARKS = ((".", "1.50"), (",", "1,50"))
GROUP_MARKS = ((".", "1.000"), (",", "1,000"), ("'", "1'000"), (" ", "1 000"))
SIGNS = (
    (Sign.CREDIT_IS_POSITIVE, "Money that came in"),
    (Sign.DEBIT_IS_POSITIVE, "Money that went out"),
)
CHOICES: Mapping[str, Sequence[tuple[str, str]]] = {
    "delimiter": DELIMITERS,
    "encoding": ENCODINGS,
    "date_format": DATE_FORMATS,
    "decimal_mark": DECIMAL_MARKS,
    "thousands_mark": GROUP_MARKS,
    "sign": SIGNS,
}
MOST_SKIPPED = 100


def filled(csv_map: CsvMap | None) -> Form:
    """The form of a map, or an empty one."""
    if csv_map is None:
        return Form.blank(has_header="yes", skip_rows=0, encoding="utf-8")
    initial: dict[str, object] = {
        name: getattr(csv_map, name) for name in SINGLE_COLUMNS if getattr(csv_map, name)
    }
    same = ("delimiter", "encoding", "date_format", "decimal_mark", "thousands_mark", "skip_rows")
    return Form.blank(
        **initial,
        **{name: getattr(csv_map, name) for name in same},
        sign=csv_map.sign.value,
        has_header="yes" if csv_map.has_header else "",
        text=csv_map.text[0] if csv_map.text else "",
        credit_words=", ".join(csv_map.credit_words),
        debit_words=", ".join(csv_map.debit_words),
    )


def read(form: Form, account: BankAccountView) -> CsvMap | None:
    """The map that was typed; what contradicts itself is noted beside its field."""
    columns = {name: _column(form, name, is_needed) for name, _, is_needed in COLUMNS}
    text = columns.pop("text")
    written: dict[str, object] = {name: value for name, value in columns.items() if value}
    for name, options in CHOICES.items():
        is_needed = name != "thousands_mark"
        written[name] = form.choice(name, [value for value, _ in options], required=is_needed)
    written |= {
        "text": [] if text is None else [text],
        "credit_words": _words(form, "credit_words"),
        "debit_words": _words(form, "debit_words"),
        "has_header": form.checked("has_header"),
        "skip_rows": form.integer("skip_rows", minimum=0, maximum=MOST_SKIPPED, empty=0),
    }
    if not columns["account_column"]:
        written["account"] = account.identification
    if not columns["currency_column"]:
        written["currency"] = account.currency
    if form.errors:
        return None
    try:
        return CsvMap.from_json(json.dumps(written))
    except InvalidInput as refusal:
        form.refuse(refusal.name, refusal.message)
        return None


def _column(form: Form, name: str, is_needed: bool) -> Column | None:
    """A header, or a number that counts from 1."""
    typed = form.text(name, required=is_needed)
    return (int(typed) if typed.isascii() and typed.isdigit() else typed) or None


def _words(form: Form, name: str) -> list[str]:
    typed = form.text(name, required=False).split(",")
    return [word.strip() for word in typed if word.strip()]
