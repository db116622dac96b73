"""A column map is refused when it contradicts itself, and comes back from storage as it was."""

import json
from dataclasses import replace

import pytest

from marketplace.kit.errors import InvalidInput
from settlement.bank_files.csv_guessing import suggest
from settlement.bank_files.csv_map import CsvMap, Sign
from settlement.bank_files.errors import UnknownBankFile
from tests.settlement.bank_files import writing

FULL = replace(
    writing.CSV_MAP, direction="Side", credit_words=("C", "CR"), debit_words=("D",),
    delimiter=";", encoding="cp1252", date_format="%d.%m.%Y", decimal_mark=",",
    thousands_mark=".", text=("Text", 3), skip_rows=4,
)  # fmt: skip


@pytest.mark.parametrize("csv_map", [writing.CSV_MAP, FULL])
def test_a_map_comes_back_from_json_as_it_was(csv_map: CsvMap) -> None:
    assert CsvMap.from_json(csv_map.to_json()) == csv_map


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"delimiter": "x"}, "delimiter"),
        ({"delimiter": ""}, "delimiter"),
        ({"encoding": "klingon"}, "encoding"),
        ({"encoding": "rot13"}, "encoding"),
        ({"date_format": "%d.%m"}, "date_format"),
        ({"date_format": "%Y-%m-%d %H"}, "date_format"),
        ({"decimal_mark": "'"}, "decimal_mark"),
        ({"thousands_mark": "."}, "thousands_mark"),
        ({"skip_rows": -1}, "skip_rows"),
        ({"amount": None}, "amount"),
        ({"credit": "In"}, "amount"),
        ({"amount": None, "credit": "In"}, "amount"),
        ({"credit_words": ("C",)}, "direction"),
        ({"direction": "Side", "sign": Sign.DEBIT_IS_POSITIVE}, "direction"),
        ({"direction": "Side"}, "credit_words"),
        ({"direction": "Side", "credit_words": ("x",), "debit_words": (" X",)}, "credit_words"),
        ({"account_column": None}, "account"),
        ({"account": "12345"}, "account"),
        ({"account": " ", "account_column": None}, "account"),
        ({"currency": "EUR"}, "currency"),
        ({"currency": "euro", "currency_column": None}, "currency"),
        ({"reference": 0}, "reference"),
        ({"has_header": False}, "account_column"),
    ],
)
def test_a_map_that_contradicts_itself_is_refused(changes: dict[str, object], name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        replace(writing.CSV_MAP, **changes)  # type: ignore[arg-type] # by a table

    assert refused.value.name == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("not json", "map"),
        ("[]", "map"),
        ("{}", "date"),
        (json.dumps({"date": 1, "colour": "red"}), "colour"),
        (json.dumps({"date": 1.5}), "date"),
        (json.dumps({"date": True}), "date"),
        (json.dumps({"date": 1, "sign": "upwards"}), "sign"),
        (json.dumps({"date": 1, "text": "Text"}), "text"),
        (json.dumps({"date": 1, "has_header": "no"}), "has_header"),
        (json.dumps({"date": 1}), "amount"),
    ],
)
def test_a_stored_map_that_is_none_is_refused_by_name(written: str, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        CsvMap.from_json(written)

    assert refused.value.name == name


def test_nothing_is_suggested_for_what_has_no_date_and_amount() -> None:
    with pytest.raises(UnknownBankFile):
        suggest(b"Name,Colour\nA,red\n", account="1", currency="EUR")


def test_two_amount_columns_and_american_days_are_seen() -> None:
    data = (
        b"\xef\xbb\xbfDate,Paid In,Paid Out,Currency\n01/05/2026,10.00,,USD\n01/13/2026,,3.00,USD\n"
    )

    found = suggest(data, account="12345", currency="EUR")

    assert (found.credit, found.debit, found.amount) == ("Paid In", "Paid Out", None)
    assert (found.date_format, found.currency_column) == ("%m/%d/%Y", "Currency")
