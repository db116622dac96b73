"""The finance pages in a real Chromium: accessible, and as wide as the screen."""

import os

import pytest
from playwright.async_api import Browser

from marketplace.kit.principal import StaffRole
from tests.back_office.conftest import hire
from tests.back_office.finance.busy import busy
from tests.back_office.finance.desk import FINANCE
from tests.conftest import Database
from tests.marketplace_web.conftest import PASSWORD
from tests.marketplace_web.test_in_a_browser import address, chromium, faults_of, open_context

__all__ = ["address", "chromium"]  # the fixtures of the shared pages

pytestmark = pytest.mark.anyio
SHOTS = os.environ.get("SHOTS")


async def test_every_page_is_accessible_and_fits(
    committed_db: Database, address: str, chromium: Browser
) -> None:
    found, email = await busy(), await hire(StaffRole.ADMINISTRATOR)
    pages = {
        "payouts": "/payouts",
        "batch": f"/payouts/{found.batch_id}",
        "payout": f"/payouts/one/{found.failed}",
        "policies": "/payouts/policies",
        "own": "/payouts/own",
        "vendors": "/vendors",
        "vendor": f"/vendors/{found.vendor_id}",
        "kiln": f"/vendors/{found.order.kiln.id}",
        "terms": f"/vendors/{found.vendor_id}/terms",
        "adjustments": "/adjustments",
        "adjustment": f"/adjustments/{found.adjustment_id}",
        "proposal": "/adjustments/new?kind=currency_exchange",
        "months": "/months",
        "disputes": "/disputes",
        "dispute": f"/disputes/{found.dispute_id}",
        "refunds": "/refunds",
    }
    faults: dict[str, list[str]] = {}
    for width, scheme in ((1280, "light"), (390, "dark")):
        context = await open_context(chromium, width, scheme)
        page = await context.new_page()
        await page.goto(f"{address}/back-office/")
        await page.get_by_label("E-mail").fill(email)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        for name, path in pages.items():
            await page.goto(address + FINANCE + path)
            if SHOTS:
                await page.screenshot(path=f"{SHOTS}/{name}-{width}-{scheme}.png", full_page=True)
            faults[f"{name} at {width}"] = await faults_of(page)
        await context.close()

    assert {name: found for name, found in faults.items() if found} == {}
