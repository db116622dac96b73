"""Reconciliation, reports and explanations in a real Chromium: accessible, and they fit."""

import pytest
from playwright.async_api import Browser

from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from settlement.reconciliation.run_models import BreakCode
from tests.back_office.finance.differences import LATER, RECONCILIATION, differences
from tests.back_office.test_in_a_browser import sign_in
from tests.conftest import Database
from tests.marketplace_web.conftest import ManualClock
from tests.marketplace_web.test_in_a_browser import address, chromium, faults_of, open_context
from tests.settlement.reports.mixed import paid

__all__ = ["address", "chromium"]  # the fixtures of the shared pages

pytestmark = pytest.mark.anyio

FINANCE = "/back-office/finance"
ROLES = {1280: StaffRole.ADMINISTRATOR, 390: StaffRole.ACCOUNTANT}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(LATER)


async def test_every_page_is_accessible_and_fits(
    committed_db: Database, address: str, chromium: Browser
) -> None:
    pages = await everything()

    complaints: list[str] = []

    for width, scheme in ((1280, "light"), (390, "dark")):
        context = await open_context(chromium, width, scheme)
        page = await context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        await sign_in(page, address, ROLES[width])
        for path in pages:
            await page.goto(address + path)
            assert await faults_of(page) == [], (width, path)
        await context.close()

    assert complaints == []


async def everything() -> list[str]:
    """A marketplace with payouts and differences; the address of each page."""
    async with transaction(SYSTEM):
        await paid()
    breaks = await differences()
    async with transaction(SYSTEM, read_only=True) as connection:
        payout = await connection.fetchval("SELECT id FROM payout LIMIT 1")
        sale = await connection.fetchval("SELECT id FROM ledger_entry WHERE purpose = 'commission'")
        file = await connection.fetchval("SELECT id FROM bank_file")
        number = await connection.fetchval("SELECT number FROM orders LIMIT 1")
    return [
        FINANCE,
        RECONCILIATION,
        f"{RECONCILIATION}/breaks/{breaks[BreakCode.M2]}",
        f"{RECONCILIATION}/runs",
        f"{RECONCILIATION}/runs/1",
        f"{RECONCILIATION}/bank",
        f"{RECONCILIATION}/bank/files/{file}",
        f"{RECONCILIATION}/bank/accounts/main/csv-map",
        f"{FINANCE}/reports",
        f"{FINANCE}/reports/settlement",
        f"{FINANCE}/statements",
        f"{FINANCE}/explain",
        f"{FINANCE}/explain/payouts/{payout}",
        f"{FINANCE}/explain/entries/{sale}",
        f"{FINANCE}/explain/orders/{number}",
    ]
