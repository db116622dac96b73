"""The back office and the tracking page in a real Chromium: accessible, no script needed."""

import pytest
from playwright.async_api import Browser, Page

from marketplace.inventory.models import Stock
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.signing import sign_order
from marketplace.kit.transactions import transaction
from marketplace.orders import deadlines
from tests.back_office.conftest import SECRET, hire
from tests.back_office.stories import TwoVendors, accept, ship, two_vendors
from tests.back_office.test_deadlines import versions
from tests.back_office.test_order_list import set_aside
from tests.conftest import Database
from tests.marketplace_web.conftest import PASSWORD, ManualClock
from tests.marketplace_web.test_in_a_browser import address, chromium, faults_of, open_context
from tests.vendor_portal.systems import connect

__all__ = ["address", "chromium"]  # the fixtures of the shared pages

pytestmark = pytest.mark.anyio


async def stock_page_of(order: TwoVendors) -> str:
    async with transaction(SYSTEM, read_only=True):
        shelf = await Stock.get(vendor_id=order.kiln.id)
    return f"/back-office/stock/{shelf.id}"


async def sign_in(page: Page, address: str, role: StaffRole) -> None:
    await page.goto(f"{address}/back-office/")
    await page.get_by_label("E-mail").fill(await hire(role))
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (820, "dark"), (390, "light")])
async def test_every_page_is_accessible_and_fits(
    committed_db: Database, clock: ManualClock, address: str, chromium: Browser, width: int,
    scheme: str,
) -> None:  # fmt: skip
    order = await two_vendors(fee=1_87, loom="Loom & Daughters Handweaving of Inverness")
    await accept(order.mugs, refused={order.mug.id: 1}, reason="One is cracked")
    await ship(order.mugs, units={order.mug.id: 1})
    await set_aside(order.order_id)
    await connect(order.kiln.id)
    clock.passes(days=7)
    await deadlines.work_off(now=clock.moment)
    context = await open_context(chromium, width, scheme)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    await sign_in(page, address, StaffRole.ADMINISTRATOR)

    for path in (
        "/back-office/",
        f"/back-office/orders/{order.order_id}",
        "/back-office/set-aside",
        "/back-office/deadlines",
        "/back-office/deadlines/draft",
        f"/back-office/deadlines/policies/{(await versions())[0].id}?vendor={order.kiln.id}",
        "/back-office/vendors",
        f"/back-office/vendors/{order.kiln.id}",
        "/back-office/stock?seller=" + str(order.kiln.id),
        await stock_page_of(order),
        f"/track/{sign_order(SECRET, order.order_id)}",
    ):
        await page.goto(address + path)
        assert await faults_of(page) == [], path

    assert complaints == []
    await page.goto(f"{address}/track/nothing")
    assert await faults_of(page) == []
    await context.close()


async def test_a_parcel_is_received_and_an_order_refunded_without_a_script(
    committed_db: Database, clock: ManualClock, address: str, chromium: Browser
) -> None:
    order = await two_vendors()
    await accept(order.mugs)
    await ship(order.mugs)
    clock.passes(hours=3)
    context = await chromium.new_context(java_script_enabled=False)
    page = await context.new_page()

    await page.goto(f"{address}/track/{sign_order(SECRET, order.order_id)}")
    await page.get_by_role("button", name="I have received it").click()
    thanks = await page.get_by_role("status").first.inner_text()
    await sign_in(page, address, StaffRole.SUPPORT)
    await page.get_by_role("link", name="M-1").click()
    await page.get_by_label("Units of Mug from Kiln & Co").fill("1")
    await page.get_by_label("Reason").fill("Chipped")
    await page.get_by_role("button", name="Refund these").click()

    assert thanks == "Thank you. The parcel is marked as received."
    assert await page.get_by_role("status").first.inner_text() == "The refund is on its way."
    assert await page.get_by_text("Refund of €14.28 asked for").count() == 1
    await context.close()
