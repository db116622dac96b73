"""Finance's week in a real Chromium, beside a provider and its bank."""

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page
from pypdf import PdfReader
from starlette.applications import Starlette

from marketplace.kit.principal import StaffRole
from settlement.reconciliation import requested
from tests.back_office.conftest import marketplace
from tests.back_office.finance.busy import drafted, named
from tests.back_office.finance.differences import two_people_above
from tests.back_office.stories import counts
from tests.back_office.test_in_a_browser import sign_in
from tests.conftest import Database
from tests.marketplace_web.test_in_a_browser import address, chromium
from tests.payments.world import OVER_HTTP, World, a_world
from tests.settlement.reconciliation.desk import Desk, a_desk
from tests.settlement.reconciliation.happenings import a_dashboard_charge

__all__ = ["address", "chromium"]  # the fixtures of the shared pages

pytestmark = OVER_HTTP

FINANCE = "/back-office/finance"


@pytest.fixture
async def world(committed_db: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path) as one:
        yield one


@pytest.fixture
async def desk(world: World, committed_db: Database) -> AsyncIterator[Desk]:
    one = await a_desk(world, committed_db.owner_url)
    yield one
    await one.books.close()


@pytest.fixture
def app(world: World) -> Starlette:
    """On the clock that marketplace, provider and bank share."""

    async def now() -> datetime:
        return world.now

    return marketplace(now)


async def test_finances_week(desk: Desk, address: str, chromium: Browser) -> None:
    order_id = await desk.sell()
    await a_dashboard_charge(desk)
    await desk.pull()
    await named("Norra Textil", 1_284_50)
    await desk.world.sandbox.door("bank/lines", amount=12_34, text="FROM AUNT MABEL")
    await two_people_above(10_00)
    await drafted(now=desk.world.now)
    number = await desk.world.value("SELECT number FROM orders WHERE id = $1", order_id)
    accountant, approver = await chromium.new_page(), await chromium.new_page()
    await sign_in(accountant, address, StaffRole.ACCOUNTANT)
    await sign_in(approver, address, StaffRole.APPROVER)

    await import_the_banks_file(accountant, address, desk)
    await compare(accountant, address, desk)
    for what, remedy in (("Missing in our books", "1990"), ("Unknown money", "1990")):
        await propose(accountant, address, what, remedy)
        await approve(approver, address, what)
    await approve_the_batch(approver, address)
    statement = await open_a_statement(accountant, address)
    await explain(accountant, address, number)

    assert "Norra Textil" in statement
    assert await counts("SELECT count(*) FROM payout WHERE state = 'approved'") == 1
    assert await counts("SELECT count(*) FROM break_proposal WHERE is_approved") == 2
    assert await counts("SELECT sum(amount_minor)::bigint FROM ledger_entry") == 0


async def import_the_banks_file(page: Page, address: str, desk: Desk) -> None:
    today = desk.world.now.date()
    answer = await desk.world.sandbox.http.get(
        "/_sandbox/bank/statement",
        params={
            "format": "camt053", "from": str(today - timedelta(days=30)), "to": str(today),
        },
    )  # fmt: skip
    file = {"name": "november.xml", "mimeType": "text/xml", "buffer": answer.content}
    for words in ("Read.", "known already"):
        await page.goto(f"{address}{FINANCE}/reconciliation/bank")
        await page.get_by_label("File", exact=True).set_input_files(file)  # type: ignore[arg-type]  # a payload, typed as a dict
        await page.get_by_role("button", name="Import").click()
        assert words in await page.get_by_role("status").first.inner_text()


async def compare(page: Page, address: str, desk: Desk) -> None:
    await page.goto(f"{address}{FINANCE}/reconciliation/runs")
    await page.get_by_label("Up to and with").fill(desk.world.now.date().isoformat())
    await page.get_by_role("button", name="Compare the books").click()
    assert "It is asked for." in await page.get_by_role("status").first.inner_text()
    assert await requested.work_off(now=desk.world.now) == 1
    await page.get_by_role("heading", name="Waiting to begin").wait_for(state="detached")


async def propose(page: Page, address: str, what: str, account: str) -> None:
    """Taken up, talked about, and a remedy proposed."""
    await page.goto(f"{address}{FINANCE}/reconciliation")
    await page.get_by_role("link", name=what).first.click()
    await page.get_by_role("button", name="Take it up").click()
    await page.get_by_label("Comment", exact=True).fill("Nobody here knows what it is yet")
    await page.get_by_role("button", name="Say it").click()
    await page.get_by_label("Remedy").select_option(f"book:{account}")
    await page.get_by_label("Why", exact=True).fill("Kept apart until somebody asks for it")
    await page.get_by_role("button", name="Propose").click()
    assert "Somebody else has to approve it" in await page.get_by_role("status").first.inner_text()


async def approve(page: Page, address: str, what: str) -> None:
    await page.goto(f"{address}{FINANCE}")
    await page.get_by_role("link", name="Remedies to approve").click()
    await page.get_by_role("link", name=what).first.click()
    await page.get_by_role("button", name="Approve and do it").click()
    assert await page.get_by_role("status").first.inner_text() == "Approved and done."


async def approve_the_batch(page: Page, address: str) -> None:
    await page.goto(f"{address}{FINANCE}")
    await page.get_by_role("link", name="Batches to approve").click()
    await page.locator("main table a").first.click()
    await page.get_by_role("button", name="Approve 1 payouts").click()


async def open_a_statement(page: Page, address: str) -> str:
    await page.goto(f"{address}{FINANCE}/reports")
    await page.get_by_role("link", name="Vendors' statements").click()
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="PDF of Norra Textil, no. 1").click()
    file = Path(await (await downloading.value).path())
    return PdfReader(io.BytesIO(await asyncio.to_thread(file.read_bytes))).pages[0].extract_text()


async def explain(page: Page, address: str, number: str) -> None:
    await page.goto(f"{address}{FINANCE}")
    await page.get_by_label("Order, entry, payout or provider's id").fill(number)
    await page.get_by_role("button", name="Explain").click()
    await page.get_by_text(f"Customer's payment of {number}").wait_for()
