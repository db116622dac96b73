"""What is not read, and what the refusal says: the spot, the fault, what would do."""

import re
from collections.abc import Callable

import pytest

from marketplace.kit.errors import DomainError
from settlement.bank_files import detecting, statements, xml_tree
from settlement.bank_files.csv_map import CsvMap
from settlement.bank_files.errors import (
    MalformedBankFile,
    StatementDoesNotAddUp,
    UnknownBankFile,
)
from tests.settlement.bank_files import writing
from tests.settlement.bank_files.writing import line, statement

CAMT = writing.camt053(statement([line()]))
MT940 = writing.mt940(statement([line()]))
CSV = writing.csv_file(statement([line()]))


def refusal(data: bytes | str, csv_map: CsvMap | None = writing.CSV_MAP) -> DomainError:
    data = data.encode() if isinstance(data, str) else data
    with pytest.raises(DomainError) as refused:
        detecting.read(data, csv_map=csv_map, currency_exponents=writing.EXPONENTS)
    return refused.value


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf  \r\n", "The file is empty."),
        (b"PK\x03\x04rest", "save it as CSV"),
        (b"%PDF-1.7", "This is a PDF"),
        (b"\xd0\xcf\x11\xe0old", "save it as CSV"),
        (b"<html></html>", "This XML is <html>"),
        (CAMT.replace("camt.053.001.08", "camt.054.001.08"), "This XML is camt.054.001.08"),
        (CAMT.replace("camt.053.001.08", "camt.053.001.13"), "camt.053.001.02 to camt.053.001.08"),
    ],
)
def test_what_is_no_statement_is_told_what_would_be(data: bytes | str, says: str) -> None:
    refused = refusal(data)

    assert isinstance(refused, UnknownBankFile)
    assert says in refused.message


def test_csv_without_a_map_asks_for_one() -> None:
    assert "save a column map" in refusal(CSV, csv_map=None).message


@pytest.mark.parametrize(
    "prologue",
    [
        '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE d SYSTEM "http://127.0.0.1/evil.dtd">',
    ],
)
def test_xml_with_a_document_type_is_refused_before_it_unfolds(prologue: str) -> None:
    head, _, rest = CAMT.partition("\n")

    assert "declares a document type" in refusal(f"{head}{prologue}{rest}").message


def test_deep_xml_is_refused() -> None:
    refused = refusal("<a>" * 100_000)

    assert refused.message.startswith("The file has more than 40 levels of nesting.")


def test_a_file_beyond_the_limits_is_refused() -> None:
    assert "20 megabytes" in refusal(b" " * (statements.MAX_BYTES + 1)).message

    assert "1,000,000 elements" in refusal(f"<a>{'<b/>' * xml_tree.MAX_ELEMENTS}</a>").message

    row = CSV.splitlines(keepends=True)[1]
    assert "100,000 bookings" in refusal(CSV + row * statements.MAX_LINES).message


@pytest.mark.parametrize("write", [writing.camt053, writing.mt940])
def test_lines_that_miss_the_closing_balance_are_refused_with_both_figures(
    write: Callable[..., str],
) -> None:
    refused = refusal(write(statement([line(4000)], closing_minor=14_001)))

    assert isinstance(refused, StatementDoesNotAddUp)
    assert "give 140.00 EUR" in refused.message
    assert "closing balance on 2026-01-06 is 140.01 EUR" in refused.message


@pytest.mark.parametrize("whole", [CAMT, MT940])
def test_a_cut_off_statement_is_refused_wherever_it_is_cut(whole: str) -> None:
    needed = re.split(r"\r\n-|</Document>", whole)[0].rstrip()

    for end in range(1, len(needed), 3):
        refusal(needed[:end], csv_map=None)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (">40.00<", ">40,00<", "Statement 1, entry 1, Amt: '40,00' is not an amount"),
        (">40.00<", ">-40.00<", "digits with a decimal point, no sign"),
        (">40.00<", ">40.001<", "40.001 has more decimals than EUR has"),
        (">40.00<", ">1e3<", "'1e3' is not an amount"),
        (">40.00<", ">99999999999999.00<", "at most 13 digits"),
        ('"EUR">40.00', '"USD">40.00', "it is in 'USD'. Accepted: the account's currency EUR"),
        ("CRDT</CdtDbtInd><Sts", "XXXX</CdtDbtInd><Sts", "'XXXX' is not a side"),
        ("<Cd>BOOK</Cd>", "<Cd>MAYB</Cd>", "the status 'MAYB' is not known"),
        ("<BookgDt><Dt>2026-01-06", "<BookgDt><Dt>2026-02-30", "BookgDt: '2026-02-30' is not"),
        ("<BookgDt><Dt>2026-01-06</Dt></BookgDt>", "", "entry 1, BookgDt: '' is not a date"),
        (f"<IBAN>{writing.IBAN}</IBAN>", "", "the account is missing"),
        ("EUR", "XAU", "the currency 'XAU' is not known here. Accepted: EUR, JPY, KWD, USD"),
        ("UTF-8", "UTF-99", "UTF-8"),
        ("<Stmt>", "<Stmt", "Line 2, column "),
    ],
)
def test_a_fault_in_camt053_is_named(old: str, new: str, says: str) -> None:
    assert old in CAMT

    assert says in refusal(CAMT.replace(old, new)).message


def test_an_empty_message_and_wrong_bytes_are_refused() -> None:
    empty = re.sub("<Stmt>.*</Stmt>", "", CAMT)
    assert "holds no statement" in refusal(empty).message

    assert "the XML is broken" in refusal(CAMT.replace("STRIPE", "Böhm").encode("cp1252")).message


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("C40,00", "C40.00", "Line 5, :61:: '2601060106C40.00NTRFNONREF//BANK0' is not a booking"),
        ("C40,00", "C40,001", "Line 5, :61:: 40.001 has more decimals than EUR has"),
        ("C40,00", "EC40,00", "is not a booking"),
        ("2601060106C", "2613060106C", "has a part that cannot be read"),
        ("C260105EUR100,00", "C260105EUR1.100,00", "Line 4, :60F:"),
        ("C260105EUR100,00", "C260105EUR", "'C260105EUR' is not a balance"),
        ("C260105EUR", "C261305EUR", "'261305' is not a date"),
        ("C260106EUR", "C260106USD", ":62F:: it is in USD. Accepted: the opening balance's EUR"),
        ("EUR", "XAU", "the currency 'XAU' is not known here"),
        (":62F:", ":99F:", "cut off. Accepted: it has :62F: or :62M:"),
        (f":25:{writing.IBAN}", ":25:", "Line 2, :25:: it is empty"),
        (":28C:2026-1", ":25:OTHER", "Line 3, :25:: the statement has it twice"),
        ("STRIPE", "STR\x00PE", "Line 6: it holds control characters"),
    ],
)
def test_a_fault_in_mt940_is_named(old: str, new: str, says: str) -> None:
    assert old in MT940

    assert says in refusal(MT940.replace(old, new)).message


def test_a_booking_outside_the_balances_is_refused() -> None:
    stray = MT940.replace("-\r\n", ":61:2601060106C1,00NTRFNONREF\r\n-\r\n")

    assert "a booking stands outside the balances" in refusal(stray).message


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (",40.00,", ",=10+30,", "Line 2, Amount: '=10+30' is not an amount"),
        (",40.00,", ',"1,240.00",', "'1,240.00' is not an amount"),
        (",40.00,", ",1.249,", "Line 2, Amount: 1.249 has more decimals than EUR has"),
        (",40.00,", ",40.000,", "'40.000' has too many decimals. Accepted: at most 2 decimals"),
        (",40.00,", ",,", "'' is not an amount"),
        (",40.00,", ",٤٠.00,", "is not an amount"),
        (",40.00,", ",-40.00-,", "is not an amount"),
        ("2026-01-06,2026-01-06", "06.01.2026,", "'06.01.2026' is not a date. Accepted: %Y-%m-%d"),
        (",BANK0,", ",BANK0,EXTRA,", "Line 2: it has 10 cells. Accepted: 9"),
        (",BANK0,", ',"BANK0,', "its quotes do not close"),
        ("Amount", "Sum", "the column 'Amount' for amount is there 0 times"),
        ("Value date", "Date", "the column 'Date' for date is there 2 times"),
        (",EUR,", ",XAU,", "the currency 'XAU' is not known here"),
        (f"{writing.IBAN},EUR", ",EUR", "Line 2, IBAN: it is empty"),
        ("STRIPE", "STR\x1bPE", "control characters"),
    ],
)
def test_a_fault_in_csv_is_named(old: str, new: str, says: str) -> None:
    assert old in CSV

    assert says in refusal(CSV.replace(old, new)).message


def test_csv_in_another_encoding_than_the_map_says_is_refused() -> None:
    refused = refusal(CSV.replace("STRIPE", "Böhm").encode("cp1252"))

    assert isinstance(refused, MalformedBankFile)
    assert refused.message == ("The file: its characters do not fit its encoding. Accepted: utf-8.")
