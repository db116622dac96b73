"""The pages of money and performance in a real Chromium: accessible, and as wide as the screen."""

import re

import pytest
from playwright.async_api import Browser
from starlette.applications import Starlette

from tests.marketplace_web.test_in_a_browser import address, chromium, faults_of, open_context
from tests.vendor_portal.desks import PASSWORD
from tests.vendor_portal.paid_shop import PaidShop

__all__ = ["address", "chromium"]  # the fixtures of the shared pages

pytestmark = pytest.mark.anyio


@pytest.fixture
def app(paid_app: Starlette) -> Starlette:
    return paid_app


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
async def test_every_page_is_accessible_and_fits(
    address: str, chromium: Browser, paid: PaidShop, width: int, scheme: str
) -> None:
    context = await open_context(chromium, width, scheme)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    await page.goto(f"{address}/portal/balance")
    await page.get_by_label("E-mail").fill("mara@kiln.test")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    [newest, *_] = re.findall(r"/portal/balance/entries/\d+", await page.content())

    for path in (
        "/portal/vacations", "/portal/balance", newest,
        "/portal/payouts", f"/portal/payouts/{paid.failed.id}",
        "/portal/statements", "/portal/statements/EUR/3", "/portal/getting-paid",
        "/portal/performance", "/portal/performance/acceptance_delay/90",
    ):  # fmt: skip
        await page.goto(address + path)
        assert await faults_of(page) == [], path

    assert complaints == []
    await context.close()
