"""The stock's pages in a real Chromium: the morning's count, on any screen."""

import pytest
from playwright.async_api import Browser, Page
from starlette.applications import Starlette

from marketplace.accounts.models import Vendor
from marketplace.inventory import adjusting, receiving, uploading
from marketplace.inventory.models import Stock, StockUpload
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from tests.factories import NOON, make_channel, make_offer, make_paid_order, stock_of
from tests.marketplace_web.test_in_a_browser import address, chromium, faults_of, open_context
from tests.vendor_portal.desks import PASSWORD
from tests.vendor_portal.systems import connect

__all__ = ["address", "chromium"]  # the fixtures of the shared pages

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shelf(app: Starlette, mine: Vendor) -> Stock:
    """Mugs that were sold, are watched and on their way; lamps that are sold out."""
    mug = await make_offer(vendor=mine, on_hand=5)
    await make_offer(vendor=mine, sku="a-lamp-with-a-rather-long-number", on_hand=0)
    await make_channel()
    await make_paid_order({mug.id: 3})
    async with transaction(SYSTEM, read_only=True):
        shelf = await Stock.get(offer_id=mug.id)
    await adjusting.set_levels(principal=SYSTEM, stock_id=shelf.id, safety=1, low_at=4)
    await adjusting.adjust(
        principal=SYSTEM, stock_id=shelf.id, change_from=5, to=4, reason="Broken in the kiln",
        now=NOON,
    )  # fmt: skip
    await receiving.announce(
        principal=SYSTEM, stock_id=shelf.id, pieces=6, expected_on=NOON.date(), reference="PO 7",
        key="x", now=NOON,
    )  # fmt: skip
    await uploading.check(
        principal=SYSTEM, vendor_id=mine.id, filename="week 9.csv", now=NOON,
        content=b"sku,location,on_hand\nnone,main,1\n",
    )  # fmt: skip
    await connect(mine.id)
    return shelf


async def signed_in(page: Page, address: str) -> None:
    await page.goto(f"{address}/portal/stock")
    await page.get_by_label("E-mail").fill("mara@kiln.test")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
async def test_every_page_is_accessible_and_fits(
    address: str, chromium: Browser, shelf: Stock, width: int, scheme: str
) -> None:
    context = await open_context(chromium, width, scheme)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    await signed_in(page, address)
    async with transaction(SYSTEM, read_only=True):
        upload = await StockUpload.get()

    for path in ("", f"/{shelf.id}", "/uploads", f"/uploads/{upload.id}", "/connections"):
        await page.goto(f"{address}/portal/stock{path}")
        assert await faults_of(page) == [], path
    await page.goto(f"{address}/portal/shipping")
    assert await faults_of(page) == []

    assert complaints == []
    await context.close()


async def test_somebody_finds_a_shelf_counts_it_and_sees_why_it_changed(
    address: str, chromium: Browser, shelf: Stock
) -> None:
    context = await open_context(chromium, 390, "light")
    page = await context.new_page()
    await signed_in(page, address)

    await page.get_by_label("SKU or product").fill("mug")
    await page.get_by_role("button", name="Show").click()
    await page.locator("a.reference").click()
    await page.get_by_label("On hand, instead of 4").fill("2")
    await page.get_by_role("button", name="Save", exact=True).click()

    assert await page.get_by_text("2 are on hand now.").is_visible()
    assert await page.get_by_text("1 sold pieces are not there").is_visible()
    assert await page.get_by_role("rowheader", name="Counted").is_visible()
    assert await stock_of(shelf.offer_id) == (2, 2)
    await context.close()
