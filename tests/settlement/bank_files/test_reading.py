"""What the formats leave open: signs, reversals, batches, pages, encodings, marks."""

from dataclasses import replace
from datetime import date

import pytest

from settlement.bank_files import csv_file, detecting
from settlement.bank_files.csv_guessing import suggest
from settlement.bank_files.csv_map import CsvMap, Sign
from settlement.bank_files.statements import Statement
from tests.settlement.bank_files import writing
from tests.settlement.bank_files.writing import line, statement


def read(written: str, encoding: str = "utf-8") -> list[Statement]:
    return detecting.read(
        written.encode(encoding), csv_map=None, currency_exponents=writing.EXPONENTS
    )


def read_csv(written: str, csv_map: CsvMap) -> list[Statement]:
    return csv_file.read(
        written.encode(csv_map.encoding), csv_map=csv_map, exponents=writing.EXPONENTS
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_camt053_may_begin_with_a_byte_order_mark(encoding: str) -> None:
    written = statement([line(text="Grüße")])
    declared = "utf-16" if encoding == "utf-16" else "UTF-8"

    found = read(writing.camt053(written).replace("UTF-8", declared), encoding)

    assert found == [written]


def test_pending_entries_are_not_money_and_a_batch_is_one_line() -> None:
    written = writing.camt053(statement([line(4000), line(-100, 1)], closing_minor=14_000))
    written = "<Cd>PDNG</Cd>".join(written.rsplit("<Cd>BOOK</Cd>", 1))
    batch = written.replace(
        "</TxDtls>",
        "</TxDtls><TxDtls><Refs><EndToEndId>po_2</EndToEndId></Refs></TxDtls>"
        "<TxDtls><Refs><EndToEndId>po_3</EndToEndId></Refs></TxDtls>",
    )

    (found,) = read(batch)

    assert [one.amount_minor for one in found.lines] == [4000]
    assert found.lines[0].end_to_end_reference is None
    assert found.lines[0].text.endswith(" po_2 po_3")


def test_pages_of_a_camt_statement_join_by_their_interim_balances() -> None:
    first = writing.camt053(statement([line(4000)])).replace("CLBD", "ITBD")
    second = writing.camt053(statement([line(4000)])).replace("OPBD", "ITBD")
    between = first.replace("OPBD", "ITBD")

    for page in (first, second, between):
        assert read(page) == [statement([line(4000)])]


def test_a_camt_statement_with_one_balance_is_taken_as_it_is() -> None:
    (found,) = read(writing.camt053(statement([line(4000)], opening_minor=None, opening_date=None)))

    assert (found.opening_minor, found.closing_minor) == (None, 14_000)


def test_zeros_beyond_the_currency_are_harmless_where_the_format_is_clear() -> None:
    yen = statement([line(500, currency="JPY")], currency="JPY")

    assert read(writing.camt053(yen).replace(">500<", ">500.00<")) == [yen]
    assert read(writing.mt940(yen).replace("C500,", "C500,00")) == [yen]


def test_mt940_comes_in_swift_envelopes_with_either_line_end_and_code_page() -> None:
    written = statement([line(text="Müller GmbH", counterparty=None)])
    body = writing.mt940(written).replace("\r\n-\r\n", "\r\n-}")
    enveloped = "{1:F01AAAABB99BSMK3513951576}{2:O9400934081223BBBBAA33}{4:\r\n" + body

    assert read(enveloped, "cp1252") == [written]
    assert read(enveloped.replace("\r\n", "\n"), "utf-8-sig") == [written]


def test_mt940_signs_follow_the_money_also_for_reversals() -> None:
    rows = [
        ":20:A", ":25:1234567", ":28C:1/1", ":60F:C260101EUR100,00",
        ":61:260102C1,NTRFNONREF", ":61:260102D2,NTRFNONREF", ":61:260102RC4,NTRFNONREF",
        ":61:260102RD8,NTRFNONREF", ":61:260102CR16,NTRFNONREF", ":62M:C260102EUR119,00",
        ":86:TOTALS OF THE DAY",
    ]  # fmt: skip

    (found,) = read("\n".join(rows))

    assert [one.amount_minor for one in found.lines] == [100, -200, -400, 800, 1600]
    assert [one.is_reversal for one in found.lines] == [False, False, True, True, False]
    assert [one.text for one in found.lines] == ["", "", "", "", ""]
    assert (found.account, found.number) == ("1234567", "1/1")


@pytest.mark.parametrize(
    ("details", "text", "end_to_end", "counterparty"),
    [
        ("166?00GUTSCHRIFT?20EREF+po_9?21SVWZ+Pay?22out?32STRIPE", "Payout", "po_9", "STRIPE"),
        ("166?00ENTGELT", "ENTGELT", None, None),
        ("/EREF/po_9//NAME/STRIPE/REMI/Payout 7", "Payout 7", "po_9", "STRIPE"),
        ("A payout: po_9/7", "A payout: po_9/7", None, None),
    ],
)
def test_mt940_details_are_taken_apart_as_banks_write_them(
    details: str, text: str, end_to_end: str | None, counterparty: str | None
) -> None:
    written = statement([line(text="DETAILS", bank_reference="B1")])

    (found,) = read(writing.mt940(written).replace(":86:DETAILS", f":86:{details}"))

    only = found.lines[0]
    assert (only.text, only.end_to_end_reference, only.counterparty) == (
        text, end_to_end, counterparty,
    )  # fmt: skip


def test_an_entry_of_december_may_have_its_value_in_january() -> None:
    written = line(booked_on=date(2025, 12, 31), value_on=date(2026, 1, 2))

    assert read(writing.mt940(statement([written])))[0].lines == (written,)


PLAIN = CsvMap(date="Day", amount="Sum", account="12345", currency="EUR")


@pytest.mark.parametrize(
    ("changes", "header", "row", "minor"),
    [
        ({"decimal_mark": ",", "thousands_mark": "."}, "Day;Sum", "{};-1.234.567,89", -123456789),
        ({"thousands_mark": "'"}, "Day;Sum", "{};1'234.50", 123450),
        ({"thousands_mark": ","}, "Day;Sum", "{};1,00,000.00", 10000000),
        ({"thousands_mark": ","}, "Day;Sum", "{};1000", 100000),
        ({}, "Day;Sum", "{};12.34-", -1234),
        ({}, "Day;Sum", "{};(12.34)", -1234),
        ({}, "Day;Sum", "{};\u2212 12.34", -1234),
        ({}, "Day;Sum", '{};="12.34"', 1234),
        ({"sign": Sign.DEBIT_IS_POSITIVE}, "Day;Sum", "{};12.34", -1234),
        ({"direction": "Side", "credit_words": ("H",), "debit_words": ("S",)},
         "Day;Sum;Side", "{};12.34;s", -1234),
        ({"amount": None, "credit": "In", "debit": "Out"}, "Day;In;Out", "{};;12.34", -1234),
        ({"amount": None, "credit": "In", "debit": "Out"}, "Day;In;Out", "{};12.34;0.00", 1234),
        ({"amount": None, "credit": "In", "debit": "Out"}, "Day;In;Out", "{};;-12.34", -1234),
    ],
)  # fmt: skip
def test_amounts_are_read_as_the_map_says(
    changes: dict[str, object], header: str, row: str, minor: int
) -> None:
    csv_map = replace(PLAIN, delimiter=";", **changes)  # type: ignore[arg-type] # by a table

    (found,) = read_csv(f"{header}\r\n{row.format('2026-01-05')}\r\n\r\n", csv_map)

    assert [one.amount_minor for one in found.lines] == [minor]


def test_csv_without_a_header_uses_the_columns_numbers_and_skips_what_stands_above() -> None:
    csv_map = replace(
        PLAIN, date=2, amount=3, text=(1, 4), has_header=False, skip_rows=2, encoding="utf-16"
    )

    (found,) = read_csv("Account 12345\n\nA,2026-01-05,1.00,=cmd\n", csv_map)

    assert [(one.amount_minor, one.text) for one in found.lines] == [(100, "A =cmd")]


def test_lines_of_several_accounts_and_currencies_are_statements_of_their_own() -> None:
    euros = statement([line(1)])
    dollars = statement([line(2, currency="USD")], currency="USD")

    found = read_csv(writing.csv_file(euros, dollars), writing.CSV_MAP)

    assert [(one.currency, len(one.lines)) for one in found] == [("EUR", 1), ("USD", 1)]


def test_a_suggested_map_reads_the_file_it_was_made_from() -> None:
    rows = (
        "Konto 12345;;;;\nBuchungstag;Valuta;Verwendungszweck;Beguenstigter;Betrag\n"
        "13.01.2026;14.01.2026;Auszahlung für po_1;STRIPE;1.234,56\n"
        "14.01.2026;14.01.2026;Gebühr;Bank;-7,00\n"
    ).encode("cp1252")

    csv_map = suggest(rows, account="12345", currency="EUR")
    (found,) = csv_file.read(rows, csv_map=csv_map, exponents=writing.EXPONENTS)

    assert [one.amount_minor for one in found.lines] == [123456, -700]
    assert found.lines[0].text == "Auszahlung für po_1"
    assert (found.lines[0].counterparty, found.lines[0].value_on) == ("STRIPE", date(2026, 1, 14))
