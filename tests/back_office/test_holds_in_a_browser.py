"""Holds and the rules of risk in a real Chromium: accessible, they fit, no script needed."""

import os

import pytest
from playwright.async_api import Browser

from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.signing import sign_correction, sign_order
from marketplace.kit.transactions import transaction
from marketplace.orders.hold_models import AddressCorrection, HoldKind
from tests.back_office.conftest import SECRET
from tests.back_office.stories import two_vendors
from tests.back_office.test_in_a_browser import sign_in
from tests.conftest import Database
from tests.factories import pay
from tests.holds.risky import dear, draft, in_force, often
from tests.holds.waiting import hold
from tests.marketplace_web.test_in_a_browser import address, chromium, faults_of, open_context

__all__ = ["address", "chromium"]  # the fixtures of the shared pages

pytestmark = pytest.mark.anyio
SHOTS = os.environ.get("SHOTS")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
async def test_every_page_about_holds_is_accessible_and_fits(
    committed_db: Database, address: str, chromium: Browser, width: int, scheme: str
) -> None:
    async with transaction(SYSTEM):
        await in_force(dear(20_00))
        await draft(dear(20_00), often(1, position=2, score=40))
    order = await two_vendors(paid=False, loom="Loom & Daughters Handweaving of Inverness")
    await pay(order.order_id)
    await hold(order.order_id, kind=HoldKind.ADDRESS, reason="There is no such street in Berlin")
    async with transaction(SYSTEM, read_only=True):
        link = await AddressCorrection.get()
    context = await open_context(chromium, width, scheme)
    page = await context.new_page()
    await sign_in(page, address, StaffRole.ADMINISTRATOR)

    for name, path in {
        "holds": "/back-office/holds",
        "order": f"/back-office/orders/{order.order_id}",
        "risk": "/back-office/risk",
        "address": f"/track/address/{sign_correction(SECRET, link.id)}",
        "tracking": f"/track/{sign_order(SECRET, order.order_id)}",
    }.items():
        await page.goto(address + path)
        if SHOTS:
            await page.screenshot(path=f"{SHOTS}/{name}-{width}-{scheme}.png", full_page=True)
        assert await faults_of(page) == [], path
    await context.close()


async def test_an_order_is_held_found_and_released_without_a_script(
    committed_db: Database, address: str, chromium: Browser
) -> None:
    order = await two_vendors()
    context = await chromium.new_context(java_script_enabled=False)
    page = await context.new_page()
    await sign_in(page, address, StaffRole.SUPPORT)

    await page.goto(f"{address}/back-office/orders/{order.order_id}")
    await page.locator("summary", has_text="Put on hold").click()
    await page.get_by_label("What it is about").select_option("manual")
    await page.locator("#field-hold_reason").fill("She calls back tomorrow")
    await page.get_by_role("button", name="Put on hold").click()
    held = await page.get_by_role("status").first.inner_text()
    await page.goto(f"{address}/back-office/holds")
    await page.get_by_label("is released").fill("She called")
    await page.get_by_role("button", name="Release").click()

    assert held == "The order is on hold."
    assert await page.get_by_role("status").first.inner_text() == "The hold has ended."
    assert await page.get_by_text("Nothing is on hold").count() == 1
    await context.close()
