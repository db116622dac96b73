"""Reports as pages and files, statements as PDF, and the chain behind an amount."""

import io

import httpx
import pytest
from pypdf import PdfReader

from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from settlement.reports.registry import REPORTS
from tests.back_office.conftest import SignedIn
from tests.settlement.reports.mixed import paid

pytestmark = pytest.mark.anyio

FINANCE = "/back-office/finance"


@pytest.fixture
async def viewer(signed_in: SignedIn) -> httpx.AsyncClient:
    return await signed_in(StaffRole.FINANCE_VIEWER)


async def test_every_report_is_a_page_and_a_file_and_every_amount_has_its_chain(
    viewer: httpx.AsyncClient,
) -> None:
    async with transaction(SYSTEM):
        mixed = await paid()

    index = await viewer.get(f"{FINANCE}/reports")
    for report in REPORTS:
        page = await viewer.get(f"{FINANCE}/reports/{report.name}")
        assert page.status_code == 200, report.name
        assert report.title in index.text
        file = await viewer.get(f"{FINANCE}/reports/{report.name}/csv")
        assert file.headers["content-disposition"].startswith("attachment"), report.name
    await narrowed(viewer)
    await statements(viewer)
    await chains(viewer, str(mixed.kiln.id))


async def narrowed(viewer: httpx.AsyncClient) -> None:
    """Parameters stand in the address, for the page and its files alike."""
    asked = {"currency": "JPY", "to": "2026-12-31", "vendor": "not a parameter of this one"}
    page = await viewer.get(f"{FINANCE}/reports/trial-balance", params=asked)
    file = await viewer.get(f"{FINANCE}/reports/trial-balance/jsonl", params=asked)
    sheet = await viewer.get(f"{FINANCE}/reports/trial-balance/xlsx", params=asked)
    late = await viewer.get(f"{FINANCE}/reports/general-ledger", params={"to": "2000-01-01"})
    many = await viewer.get(f"{FINANCE}/reports/general-ledger")

    assert "trial-balance/csv?to=2026-12-31&amp;currency=JPY" in page.text
    assert "EUR</td>" not in page.text
    assert {'"JPY"'} == {
        line.split('"currency":')[1].split(",")[0].strip() for line in file.text.splitlines()
    }
    assert sheet.content[:2] == b"PK"
    assert "Nothing to report" in late.text
    assert "These are the first 100 rows" in many.text
    for wrong in ("from=soon", "currency=XXX", "from=2026-02-01&to=2026-01-01"):
        refused = await viewer.get(f"{FINANCE}/reports/trial-balance?{wrong}")
        assert refused.status_code == 422, wrong
    for missing in ("reports/none", "reports/trial-balance/pdf", "journals/excel"):
        assert (await viewer.get(f"{FINANCE}/{missing}")).status_code == 404, missing
    hledger = await viewer.get(f"{FINANCE}/journals/hledger", params={"from": "2026-03-01"})
    assert hledger.text.startswith("; All amounts")


async def statements(viewer: httpx.AsyncClient) -> None:
    listed = await viewer.get(f"{FINANCE}/statements", params={"q": "kiln"})
    href = listed.text.split('class="button small" href="')[1].split('"')[0]
    file = await viewer.get(href)
    nobody = await viewer.get(f"{FINANCE}/statements", params={"q": "nobody_"})
    missing = f"{FINANCE}/statements/00000000-0000-7000-8000-000000000009.pdf"

    assert "Étoile" not in listed.text
    assert file.headers["content-type"] == "application/pdf"
    assert "Kiln & Co" in PdfReader(io.BytesIO(file.content)).pages[0].extract_text()
    assert "Nothing fits" in nobody.text
    assert (await viewer.get(missing)).status_code == 404


async def chains(viewer: httpx.AsyncClient, kiln: str) -> None:
    """Whatever a person has of it, the search leads to the chain; and entries lead on."""
    async with transaction(SYSTEM, read_only=True) as connection:
        payout = await connection.fetchrow("SELECT * FROM payout WHERE state = 'paid' LIMIT 1")
        number = await connection.fetchval("SELECT number FROM orders LIMIT 1")
        entry = await connection.fetchval("SELECT max(id) FROM ledger_entry")
        posting = await connection.fetchval("SELECT id FROM ledger_transaction LIMIT 1")
        charge = await connection.fetchval("SELECT charge_id FROM capture LIMIT 1")
    names = {
        number: "explain/orders/", number.lower(): "explain/orders/",
        str(entry): "explain/entries/",
        str(payout["id"]): "explain/payouts/", payout["transfer_id"]: "explain/payouts/",
        str(posting): "journal/", charge: "explain/orders/",
    }  # fmt: skip

    for words, place in names.items():
        found = await viewer.get(f"{FINANCE}/explain", params={"q": words})
        assert found.headers["location"].startswith(f"{FINANCE}/{place}"), words
        assert (await viewer.get(found.headers["location"])).status_code == 200, words
    opened = await viewer.get(f"{FINANCE}/explain/payouts/{payout['id']}")
    line = opened.text.split(f'href="{FINANCE}/explain/entries/')[1].split('"')[0]
    explained = await viewer.get(f"{FINANCE}/explain/entries/{line}")
    balance = await viewer.get(f"{FINANCE}/explain/balances/{kiln}/2120/EUR")
    unknown = await viewer.get(f"{FINANCE}/explain", params={"q": "ch_nothing"})

    assert payout["transfer_id"] in opened.text
    assert "What it consists of" in explained.text
    assert "of Kiln &amp; Co" in balance.text
    assert unknown.status_code == 404
    assert "Nothing found" in unknown.text
    assert (await viewer.get(f"{FINANCE}/explain/entries/999999999")).status_code == 404
