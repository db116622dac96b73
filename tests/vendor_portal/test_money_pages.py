"""What a vendor sees of its money, and that it adds up."""

import io
import re

import httpx
import openpyxl
import pypdf
import pytest

from tests.vendor_portal.desks import rows_of
from tests.vendor_portal.paid_shop import PaidShop

pytestmark = pytest.mark.anyio

ENTRY = re.compile(r'href="(/portal/balance/entries/\d+)">([^<]+)</a>')
AMOUNT = re.compile(r'class="money[^"]*" value="(-?[0-9.]+)"')


async def text_of(browser: httpx.AsyncClient, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status_code == 200, path
    return answer.text


def sum_of(page: str, first: str, last: str) -> list[str]:
    """The amounts from one word to another."""
    return AMOUNT.findall(page.split(f">{first}<")[1].split(f">{last}<")[0])


async def test_the_balance_says_where_the_money_is_and_when_it_comes(
    owner: httpx.AsyncClient,
) -> None:
    page = await text_of(owner, "/portal/balance")

    assert "Earned, and waiting in case something comes back." in page
    # A teapot of 48.50 and 4.00 shipping, less 15 % and VAT, and a tenth kept in reserve.
    assert sum_of(page, "Where it is", "In all") == [
        "39.38", "0.00", "6.42", "0.00", "18.34", "47.96",
    ]  # fmt: skip
    assert sum_of(page, "How it adds up", "Where it is")[-1] == "112.10"
    assert 'href="/portal/payouts">See your last payout' in page
    assert "Your last payout has to arrive first." in page
    assert '<time datetime="2026-06-17">17 Jun 2026</time>, from the reserve' in page


async def test_entries_are_chosen_by_account_on_the_page_and_in_the_file(
    owner: httpx.AsyncClient,
) -> None:
    reserve = await text_of(owner, "/portal/balance?account=reserve")
    rows = rows_of(await owner.get("/portal/balance.csv?account=reserve"))
    unknown = await owner.get("/portal/balance?account=2130")

    named = [words for _, words in ENTRY.findall(reserve)]
    assert set(named) == {"Kept in reserve", "Released from the reserve"}
    assert len(rows) == len(named)
    assert rows[0]["Balance"] == "6.42"
    assert unknown.status_code == 422


async def test_every_entry_is_explained_in_plain_words(owner: httpx.AsyncClient) -> None:
    accounts = ("", "pending", "available", "reserve", "on_hold", "in_progress")
    pages = [await text_of(owner, f"/portal/balance?account={word}") for word in accounts]
    entries = {words: path for page in pages for path, words in ENTRY.findall(page)}

    told = {words: await text_of(owner, path) for words, path in entries.items()}

    assert {"Sale", "Refund", "Penalty", "Put on hold", "Became available", "Paid out"} <= set(told)
    for words, page in told.items():
        assert not re.search(r"(?:ch|pi|tr|po|acct|txn|re)_[0-9a-z]+", page), words
        assert "staff:" not in page, words
        *parts, total = sum_of(page, "What it consists of", "This entry")
        assert total in page, words
        assert parts, words
    assert "Commission rate</dt><dd><bdi>15 %" in told["Sale"]
    assert "of the marketplace, version 1" in told["Sale"]
    assert "Late three times" in told["Penalty"]
    assert "/portal/payouts/" in told["Paid out"]


async def test_payouts_say_how_far_they_are(owner: httpx.AsyncClient) -> None:
    page = await text_of(owner, "/portal/payouts")
    rows = rows_of(await owner.get("/portal/payouts.csv"))

    assert page.count("Did not arrive") == 1
    assert "****3000" in page
    assert [(row["Amount"], row["State"], row["Statement"]) for row in rows] == [
        ("18.34", "Did not arrive", "4"), ("30.44", "Paid", "3"), ("17.52", "Paid", "1"),
    ]  # fmt: skip
    assert rows[1]["Trace"] in page
    assert "Ask for a payout" not in page


async def test_a_payout_consists_of_its_statement_and_tells_its_story(
    owner: httpx.AsyncClient,
) -> None:
    [path] = re.findall(
        r'href="(/portal/payouts/[^"]+)"><time[^>]*>18 May', await text_of(owner, "/portal/payouts")
    )

    page = await text_of(owner, path)

    *parts, total = sum_of(page, "What it consists of", "Every line of it")
    assert sum(round(float(part) * 100) for part in parts) == round(float(total) * 100) == 30_44
    assert re.findall('<div class="what">(.*?)</div>', page) == [
        "Arrived, says our payment provider", "Sent to your bank", "Handed to our payment provider",
        "Set aside for you", "Approved", "Made from your statement",
    ]  # fmt: skip
    assert "ask your bank with the trace" in page


async def test_a_failed_payout_says_what_to_do(owner: httpx.AsyncClient, paid: PaidShop) -> None:
    page = await text_of(owner, f"/portal/payouts/{paid.failed.id}")

    assert "Your bank account is closed. Please give our payment provider another one" in page
    assert 'href="/portal/getting-paid"' in page


async def test_statements_come_as_pages_pdf_and_lines_that_add_up(
    owner: httpx.AsyncClient,
) -> None:
    listed = await text_of(owner, "/portal/statements")
    page = await text_of(owner, "/portal/statements/EUR/2")
    pdf = await owner.get("/portal/statements/EUR/2.pdf")
    asked = "?currency=EUR&from=2026-05-11&to=2026-05-11"
    rows = rows_of(await owner.get(f"/portal/statements/lines.csv{asked}"))
    sheet = await owner.get(f"/portal/statements/lines.xlsx{asked}")

    assert listed.count('.pdf"') == 4
    assert "None: the balance is carried over" in page
    assert "Statement" in pypdf.PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    assert 'filename="statement-EUR-2.pdf"' in pdf.headers["content-disposition"]
    assert {row["statement"] for row in rows} == {"2"}
    # From 17.52 to -8.19.
    assert sum(round(float(row["amount"]) * 100) for row in rows) == -25_71
    [lines] = openpyxl.load_workbook(io.BytesIO(sheet.content)).worksheets
    assert lines.max_row == len(rows) + 1


async def test_what_cannot_be_asked_for_is_refused(owner: httpx.AsyncClient) -> None:
    for path, status in (
        ("/portal/statements/lines.jsonl", 404),
        ("/portal/statements/lines.csv?vendor=norra", 422),
        ("/portal/statements/lines.csv?from=today", 422),
        ("/portal/statements?currency=USD", 422),
        ("/portal/statements/EUR/99", 404),
        ("/portal/statements/EUR/99999999999999.pdf", 404),
        ("/portal/balance/entries/99999999999999999999", 404),
        ("/portal/payouts?after=x", 422),
    ):
        assert (await owner.get(path)).status_code == status, path


async def test_who_owes_is_told_kindly(paid_app: object, elin: httpx.AsyncClient) -> None:
    page = await text_of(elin, "/portal/balance")

    assert "You need not do anything: your next sales make up for it" in page
    assert "The next payout day is" in page
