"""What a bank writes is what we read, in every format and to the last unit."""

from contextlib import suppress
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.kit.errors import DomainError
from settlement.bank_files import detecting
from settlement.bank_files.csv_map import CsvMap
from settlement.bank_files.statements import Statement, StatementLine
from tests.settlement.bank_files import writing

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2049, 12, 31))
REFERENCES = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", min_size=1, max_size=16).filter(
    lambda reference: reference not in {"NONREF", "NOTPROVIDED"}
)
WORDS = st.text("abcdefghij ÄÖé&<>\"',;=", max_size=140).map(lambda text: " ".join(text.split()))
NAMES = st.none() | st.text("ABCDEFGHIJ", min_size=1, max_size=27)
AMOUNTS = st.integers(-(10**12), 10**12).filter(bool)


@st.composite
def lines(draw: st.DrawFn, currency: str) -> list[StatementLine]:
    return [
        writing.line(
            draw(AMOUNTS),
            index,
            currency=currency,
            booked_on=(day := draw(DAYS)),
            value_on=day,
            bank_reference=draw(REFERENCES),
            end_to_end_reference=draw(st.none() | REFERENCES),
            text=draw(WORDS),
            counterparty=draw(NAMES),
            is_reversal=draw(st.booleans()),
        )
        for index in range(draw(st.integers(0, 4)))
    ]


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    currency = draw(st.sampled_from(sorted(writing.EXPONENTS)))
    opening = draw(st.integers(-(10**12), 10**12))
    found = draw(lines(currency))
    closing = opening + sum(one.amount_minor for one in found)
    return writing.statement(
        found, currency=currency, opening_minor=opening, closing_minor=closing,
        opening_date=draw(DAYS), closing_date=draw(DAYS),
    )  # fmt: skip


def read(written: str, csv_map: CsvMap | None = None) -> list[Statement]:
    return detecting.read(written.encode(), csv_map=csv_map, currency_exponents=writing.EXPONENTS)


@settings(max_examples=60)
@given(st.lists(statements(), min_size=1, max_size=3), st.sampled_from(["02", "04", "08"]))
def test_camt053_is_read_as_it_was_written(written: list[Statement], version: str) -> None:
    assert read(writing.camt053(*written, version=version)) == written


@settings(max_examples=60)
@given(st.lists(statements(), min_size=1, max_size=3))
def test_mt940_is_read_as_it_was_written(written: list[Statement]) -> None:
    assert read(writing.mt940(*written)) == written


@settings(max_examples=60)
@given(statements())
def test_csv_is_read_as_it_was_written_and_has_no_balances(written: Statement) -> None:
    found = read(writing.csv_file(written), writing.CSV_MAP)

    days = [one.booked_on for one in written.lines]
    assert found == [
        replace(
            written, number="", opening_minor=None, closing_minor=None,
            opening_date=min(days), closing_date=max(days),
            lines=tuple(replace(one, is_reversal=False) for one in written.lines),
        )
        for _ in days[:1]
    ]  # fmt: skip


@settings(max_examples=200)
@given(st.binary(max_size=300), st.sampled_from([b"", b"<?xml", b":20:A\n:61:", b"Date,Amount\n"]))
def test_garbage_is_refused_or_read_and_never_breaks(garbage: bytes, start: bytes) -> None:
    with suppress(DomainError):
        detecting.read(
            start + garbage, csv_map=writing.CSV_MAP, currency_exponents=writing.EXPONENTS
        )
