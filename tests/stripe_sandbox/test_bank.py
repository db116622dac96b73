"""The platform's bank: its lines, and the files it gives out."""

import csv
import io
from decimal import Decimal
from typing import Any

import mt940
import pytest
from defusedxml.ElementTree import fromstring

from tests.stripe_sandbox.running import OVER_HTTP, Sandbox

pytestmark = OVER_HTTP

NAMES = {"c": "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"}
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


async def written(sandbox: Sandbox) -> None:
    """A month with something before it, something after it, and another currency beside it."""
    for line in (
        {"date": "2026-02-27", "amount": 1000_00, "text": "DEPOSIT", "reference": "OPENING"},
        {"date": "2026-03-05", "amount": -12_50, "text": "ACCOUNT FEES & <CHARGES>"},
        {"date": "2026-03-05", "amount": 200_00, "text": "CUSTOMER 4711\nINVOICE :86: -7"},
        {"date": "2026-03-02", "amount": 1, "text": "GRÜẞE " * 30, "reference": "R-1"},
        {"date": "2026-03-31", "amount": 500, "currency": "jpy", "text": "YEN"},
        {"date": "2026-04-01", "amount": 7_00, "text": "LATER"},
    ):
        await sandbox.door("bank/lines", **line)


async def statement(sandbox: Sandbox, **asked: str) -> bytes:
    answer = await sandbox.http.get("/_sandbox/bank/statement", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.content


async def test_a_person_adds_lines(sandbox: Sandbox) -> None:
    """R160"""
    added = await sandbox.door("bank/lines", amount=-5_00, text="FEE")
    listed = (await sandbox.http.get("/_sandbox/bank/lines")).json()["lines"]

    assert listed == [added]
    assert (added["day"], added["currency"], added["amount"]) == ("2026-03-01", "eur", -5_00)
    assert added["entry_reference"] == "SB26030100000001"


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"amount": 0},
        {"amount": "5.00"},
        {"amount": 5, "date": "tomorrow"},
        {"amount": 5, "date": 20260301},
        {"amount": 5, "currency": "EURO"},
        {"amount": 5, "text": "x" * 501},
    ],
)
async def test_a_line_that_cannot_be_is_refused(sandbox: Sandbox, asked: Any) -> None:
    """R160"""
    answer = await sandbox.http.post("/_sandbox/bank/lines", json=asked)

    assert answer.status_code == 400
    assert (await sandbox.http.get("/_sandbox/bank/lines")).json()["lines"] == []


async def test_camt053_has_balances_and_entries(sandbox: Sandbox) -> None:
    """R161"""
    await written(sandbox)
    root = fromstring(await statement(sandbox, format="camt053", **MARCH))

    def texts(path: str) -> list[str | None]:
        return [found.text for found in root.findall(f".//{path}", NAMES)]

    assert texts("c:Bal/c:Tp/c:CdOrPrtry/c:Cd") == ["OPBD", "CLBD"]
    assert texts("c:Bal/c:Amt") == ["1000.00", "1187.51"]
    assert texts("c:Acct/c:Id/c:IBAN") == ["DE89370400440532013000"]
    assert texts("c:Ntry/c:Amt") == ["0.01", "12.50", "200.00"]
    assert texts("c:Ntry/c:CdtDbtInd") == ["CRDT", "DBIT", "CRDT"]
    assert texts("c:Ntry/c:BookgDt/c:Dt") == ["2026-03-02", "2026-03-05", "2026-03-05"]
    assert texts("c:Refs/c:EndToEndId") == ["R-1", "NOTPROVIDED", "NOTPROVIDED"]
    assert "ACCOUNT FEES & <CHARGES>" in texts("c:Ustrd")
    assert all(len(text or "") <= 140 for text in texts("c:Ustrd"))
    references = texts("c:Ntry/c:AcctSvcrRef")
    assert references == ["SB26030200000004", "SB26030500000002", "SB26030500000003"]


async def test_mt940_has_balances_and_entries(sandbox: Sandbox) -> None:
    """R162"""
    await written(sandbox)
    raw = (await statement(sandbox, format="mt940", **MARCH)).decode()
    read = mt940.models.Transactions()
    read.parse(raw)

    assert all(len(line) <= 70 for line in raw.split("\r\n"))
    assert read.data["final_opening_balance"].amount.amount == Decimal("1000.00")
    assert read.data["final_closing_balance"].amount.amount == Decimal("1187.51")
    assert [one.data["amount"].amount for one in read] == [
        Decimal("0.01"),
        Decimal("-12.50"),
        Decimal("200.00"),
    ]
    assert [one.data["bank_reference"] for one in read] == [
        "SB26030200000004",
        "SB26030500000002",
        "SB26030500000003",
    ]
    assert "INVOICE :86: -7" in read[2].data["transaction_details"]


async def test_csv_has_a_running_balance(sandbox: Sandbox) -> None:
    """R163"""
    await written(sandbox)
    raw = (await statement(sandbox, format="csv", **MARCH)).decode()
    rows = list(csv.DictReader(io.StringIO(raw, newline="")))

    assert [row["amount"] for row in rows] == ["0.01", "-12.50", "200.00"]
    assert [row["balance"] for row in rows] == ["1000.01", "987.51", "1187.51"]
    assert {row["currency"] for row in rows} == {"EUR"}


async def test_a_currency_without_decimals_has_none(sandbox: Sandbox) -> None:
    """R161, R162 and R163"""
    await written(sandbox)
    yen = {"currency": "jpy"} | MARCH
    root = fromstring(await statement(sandbox, format="camt053", **yen))
    mt = (await statement(sandbox, format="mt940", **yen)).decode()
    table = (await statement(sandbox, format="csv", **yen)).decode()

    amount = root.find(".//c:Ntry/c:Amt", NAMES)
    assert amount is not None
    assert (amount.text, amount.attrib) == ("500", {"Ccy": "JPY"})
    assert ":62F:C260331JPY500," in mt
    assert ",500,JPY,500" in table


@pytest.mark.parametrize("kind", ["camt053", "mt940", "csv"])
async def test_the_same_inputs_give_the_same_file(sandbox: Sandbox, kind: str) -> None:
    """R164"""
    await written(sandbox)
    first = await statement(sandbox, format=kind, **MARCH)
    sandbox.clock.advance(days=5)
    await sandbox.door("bank/lines", date="2026-04-02", amount=1, text="NEXT MONTH")

    assert await statement(sandbox, format=kind, **MARCH) == first


async def test_one_statement_closes_with_what_the_next_opens_with(sandbox: Sandbox) -> None:
    """R164"""
    await written(sandbox)
    whole = (await statement(sandbox, format="mt940", **MARCH)).decode()
    parts = [
        (await statement(sandbox, format="mt940", **{"from": first, "to": last})).decode()
        for first, last in (("2026-03-01", "2026-03-04"), ("2026-03-05", "2026-03-31"))
    ]

    assert "EUR1000,01" in parts[0].split(":62F:")[1]
    assert "EUR1000,01" in parts[1].split(":60F:")[1].split(":61:")[0]
    assert parts[1].split(":62F:")[1] == whole.split(":62F:")[1]


async def test_a_statement_is_of_this_month_unless_asked(sandbox: Sandbox) -> None:
    """R164"""
    await sandbox.door("bank/lines", amount=5_00, text="TODAY")
    answer = await sandbox.http.get("/_sandbox/bank/statement")

    assert answer.headers["content-type"] == "application/xml"
    assert "SB-EUR-20260301-20260301.xml" in answer.headers["content-disposition"]
    assert b">5.00<" in answer.content


@pytest.mark.parametrize(
    "asked",
    [
        {"format": "bai2"},
        {"from": "2026-03-02", "to": "2026-03-01"},
        {"to": "yesterday"},
        {"currency": "euro"},
    ],
)
async def test_a_statement_that_cannot_be_is_refused(
    sandbox: Sandbox, asked: dict[str, str]
) -> None:
    """R164"""
    answer = await sandbox.http.get("/_sandbox/bank/statement", params=asked)

    assert answer.status_code == 400
    assert "error" in answer.json()
