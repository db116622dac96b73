"""What the sandbox's bank writes with code of its own, we read with ours: no figure differs."""

from datetime import date
from typing import Any

import pytest

from settlement.bank_files import detecting
from settlement.bank_files.csv_guessing import suggest
from stripe_sandbox import bank
from stripe_sandbox.statements import FORMATS, Statement
from tests.settlement.bank_files import writing

PAYOUT = "po_1OaB2cD3eF4gH5iJ6kL7mN8o"
LINES: list[dict[str, Any]] = [
    {"day": "2026-03-02", "amount": 123456, "counterparty": "STRIPE PAYMENTS",
     "reference": "TRACE-1", "text": f"STRIPE PAYOUT MARKET {PAYOUT} TRACE-1", "payout": PAYOUT},
    {"day": "2026-03-05", "amount": -1250, "counterparty": "", "reference": bank.NO_REFERENCE,
     "text": "ACCOUNT FEES & <CHARGES>", "payout": None},
    {"day": "2026-03-31", "amount": 1, "counterparty": "", "reference": "R-1",
     "text": "GRÜẞE :86: " * 20, "payout": None},
]  # fmt: skip


def written(currency: str, opening: int) -> Statement:
    lines = [
        bank.Line(id=number, currency=currency, **line) for number, line in enumerate(LINES, 1)
    ]
    first, last = date(2026, 3, 1), date(2026, 3, 31)
    return Statement(currency=currency, first=first, last=last, opening=opening, lines=lines)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("currency", ["eur", "jpy"])
@pytest.mark.parametrize("opening", [0, 100_00, -7])
def test_each_format_is_read_as_the_bank_meant_it(form: str, currency: str, opening: int) -> None:
    theirs = written(currency, opening)
    data = FORMATS[form].write(theirs)
    csv_map = suggest(data, account=bank.IBAN, currency="EUR") if form == "csv" else None

    [ours] = detecting.read(data, csv_map=csv_map, currency_exponents=writing.EXPONENTS)

    assert (ours.account, ours.currency) == (bank.IBAN, currency.upper())
    if form != "csv":
        assert (ours.opening_minor, ours.closing_minor) == (opening, theirs.closing)
        assert (ours.opening_date, ours.closing_date) == (theirs.first, theirs.last)
    assert [
        (one.amount_minor, str(one.booked_on), str(one.value_on), one.bank_reference)
        for one in ours.lines
    ] == [(one.amount, one.day, one.day, one.entry_reference) for one in theirs.lines]
    assert PAYOUT in ours.lines[0].text
    assert "ACCOUNT FEES & <CHARGES>" in ours.lines[1].text


def test_camt053_also_says_who_paid_and_their_reference() -> None:
    data = FORMATS["camt053"].write(written("eur", 0))

    [ours] = detecting.read(data, csv_map=None, currency_exponents=writing.EXPONENTS)

    payout, fee, _ = ours.lines
    assert (payout.counterparty, payout.end_to_end_reference) == ("STRIPE PAYMENTS", "TRACE-1")
    assert (fee.counterparty, fee.end_to_end_reference) == (None, None)


@pytest.mark.parametrize("form", ["camt053", "mt940"])
def test_a_month_without_a_booking_is_a_statement_too(form: str) -> None:
    quiet = Statement("eur", date(2026, 3, 1), date(2026, 3, 31), 5, [])

    [ours] = detecting.read(
        FORMATS[form].write(quiet), csv_map=None, currency_exponents=writing.EXPONENTS
    )

    assert (ours.lines, ours.opening_minor, ours.closing_minor) == ((), 5, 5)
