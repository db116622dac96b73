"""Our bank accounts, their files, and how a bank's CSV is read."""

import httpx
import pytest

from marketplace.kit.principal import StaffRole
from tests.back_office.conftest import SignedIn
from tests.back_office.finance.differences import (
    RECONCILIATION,
    camt053,
    csv_of,
    our_account,
)
from tests.back_office.finance.pages import post, send_file
from tests.back_office.stories import counts
from tests.settlement.bank_files.writing import IBAN

pytestmark = pytest.mark.anyio

BANK = f"{RECONCILIATION}/bank"
MAP = f"{BANK}/accounts/main/csv-map"
ROWS = csv_of("30.01.2026;Fee;R1;-1.234,50", "31.01.2026;=Gift;R2;10,00")


@pytest.fixture
async def accountant(signed_in: SignedIn) -> httpx.AsyncClient:
    return await signed_in(StaffRole.ACCOUNTANT)


async def upload(browser: httpx.AsyncClient, data: bytes, name: str = "a.xml") -> httpx.Response:
    return await send_file(browser, f"{BANK}/files", (name, data), account="main")


async def test_an_account_is_opened_and_its_first_file_imported(
    accountant: httpx.AsyncClient,
) -> None:
    empty = await accountant.get(BANK)
    typed = {"code": "Main", "name": "Main account", "identification": IBAN, "currency": "EUR"}
    opened = await post(accountant, f"{BANK}/accounts", **typed)
    again = await post(accountant, f"{BANK}/accounts", **typed)
    done = await upload(accountant, camt053(), "november.xml")
    file = await accountant.get(done.headers["location"])

    assert "No bank account yet" in empty.text
    assert opened.status_code == 303
    assert again.status_code == 422
    assert "Another account has this code." in again.text
    assert "Bookings in it: 1, of them new: 1." in file.text
    assert 'value="12.34"' in file.text
    assert "november.xml" in (await accountant.get(BANK)).text


async def test_the_same_file_is_known_already(accountant: httpx.AsyncClient) -> None:
    await our_account()
    first = await upload(accountant, camt053())

    second = await upload(accountant, camt053(), "renamed.xml")

    assert second.headers["location"] == first.headers["location"]
    assert "known already" in (await accountant.get(first.headers["location"])).text
    assert await counts("SELECT count(*) FROM bank_file") == 1


async def test_a_file_that_is_refused_says_where_and_what_would_do(
    accountant: httpx.AsyncClient,
) -> None:
    await our_account()
    refused = {
        b"%PDF-1.7": "This is a PDF",
        b"": "Please choose a file.",
        ROWS: "save a column map for it",
        camt053().replace(IBAN.encode(), b"NL91ABNA0417164300"): "NL91ABNA0417164300",
        camt053().replace(b'<Amt Ccy="EUR">12.34', b'<Amt Ccy="EUR">12.x'): "Accepted:",
    }

    for data, words in refused.items():
        answer = await upload(accountant, data, "x.xml" if data else "")

        assert answer.status_code == 422, data
        assert words in answer.text, data
        assert 'aria-invalid="true"' in answer.text
    assert await counts("SELECT count(*) FROM bank_file") == 0


async def test_a_file_that_is_too_large_is_refused_beside_its_field(
    accountant: httpx.AsyncClient,
) -> None:
    await our_account()

    large = await upload(accountant, b" " * 20_000_001)
    enormous = await upload(accountant, b" " * 24_100_000)

    assert large.status_code == 422
    assert "more than 20 megabytes" in large.text
    assert enormous.status_code == 413


async def test_a_map_is_guessed_looked_at_and_saved_and_then_reads_the_file(
    accountant: httpx.AsyncClient,
) -> None:
    await our_account()
    blank = await accountant.get(MAP)
    guessed = await send_file(accountant, MAP, ("a.csv", ROWS), do="guess")
    typed = {
        "sample": ROWS.decode(), "date": "Booking date", "amount": "Amount", "text": "Text",
        "reference": "Reference", "delimiter": ";", "encoding": "utf-8", "skip_rows": "0",
        "date_format": "%d.%m.%Y", "decimal_mark": ",", "thousands_mark": ".",
        "sign": "credit_is_positive", "has_header": "yes",
    }  # fmt: skip
    looked = await post(accountant, MAP, do="look", **typed)
    saved = await post(accountant, MAP, do="save", **typed)
    imported = await upload(accountant, ROWS, "a.csv")

    assert "Which column means what" in blank.text
    assert guessed.status_code == looked.status_code == 200
    for page in (guessed, looked):
        assert 'value="-1234.50"' in page.text
        assert "=Gift" in page.text
    assert 'value="Booking date"' in guessed.text
    assert saved.status_code == 303
    assert "Bookings in it: 2" in (await accountant.get(imported.headers["location"])).text
    assert 'value="Booking date"' in (await accountant.get(MAP)).text


async def test_a_map_that_does_not_fit_says_which_field(accountant: httpx.AsyncClient) -> None:
    await our_account()
    typed = {
        "sample": ROWS.decode(), "date": "Booking date", "amount": "Amount", "delimiter": ";",
        "encoding": "utf-8", "date_format": "%d.%m.%Y", "decimal_mark": ",", "skip_rows": "0",
        "sign": "credit_is_positive", "has_header": "yes",
    }  # fmt: skip
    wrong = {
        "date": "", "amount": "", "date_format": "%Y-%m-%d", "delimiter": "x", "skip_rows": "-1",
        "credit": "Amount", "direction": "Text",
    }  # fmt: skip

    for name, value in wrong.items():
        answer = await post(accountant, MAP, do="save", **{**typed, name: value})

        assert answer.status_code == 422, name
        assert 'aria-invalid="true"' in answer.text, name
    guess = await post(accountant, MAP, do="guess", sample="nothing here")
    assert guess.status_code == 422
    assert "No header row" in guess.text
    assert await counts("SELECT count(*) FROM bank_account WHERE csv_map IS NOT NULL") == 0


async def test_others_of_finance_read_and_do_not_import(signed_in: SignedIn) -> None:
    approver = await signed_in(StaffRole.APPROVER)
    await our_account()

    page = await approver.get(BANK)
    answers = [
        await upload(approver, camt053()),
        await post(
            approver, f"{BANK}/accounts", code="b", name="B", identification="1", currency="EUR"
        ),
        await approver.get(MAP),
        await post(approver, MAP, do="guess"),
    ]

    assert page.status_code == 200
    assert "Import a file" not in page.text
    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
