"""Vendors' standing in a real Chromium, on both sides of it: accessible, and it fits."""

import os

import pytest
from playwright.async_api import Browser

from marketplace.accounts.models import Vendor
from marketplace.kit.principal import SYSTEM, StaffRole, VendorRole
from marketplace.kit.transactions import transaction
from marketplace.scorecards import appealing, by_hand, daily, limit_drafting, limits
from tests.back_office.test_in_a_browser import sign_in
from tests.conftest import Database
from tests.factories import NOON, make_vendor, member
from tests.marketplace_web.test_in_a_browser import address, chromium, faults_of, open_context
from tests.scorecards.deadlines import OLA, arrived, seller, shipped, suspend_beyond
from tests.vendor_portal.desks import PASSWORD, seat

__all__ = ["address", "chromium"]  # the fixtures of the shared pages

pytestmark = pytest.mark.anyio
SHOTS = os.environ.get("SHOTS")
OFFICE = "/back-office/standing"
PORTAL = "/portal/performance"
TEXT = "The carrier was on strike from Monday to Wednesday.\nWe use another one since."


async def a_suspended_vendor() -> Vendor:
    """Late and slow, it had an appeal denied and made another; others stand well or are warned."""
    part, warned = await seller(), await seller()
    await make_vendor(name="Loom & Daughters Handweaving of Inverness")
    await suspend_beyond(20_00)
    await shipped(part, late=3, in_time=7)
    await arrived(part, late=2, in_time=8)
    await shipped(warned, late=1, in_time=9)
    await daily.work_off(now=NOON)
    me = member(part.vendor_id)
    denied = await appealing.appeal(principal=me, text="It was the carrier", now=NOON)
    await appealing.deny(principal=OLA, appeal_id=denied, answer="There was none.", now=NOON)
    await by_hand.lift(principal=OLA, vendor_id=warned.vendor_id, reason="Snow", now=NOON)
    async with transaction(SYSTEM, read_only=True):
        vendor = await Vendor.get(id=part.vendor_id)
    await seat(vendor, "mara@kiln.test", "Mara Vogt", VendorRole.OWNER, NOON)
    return vendor


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
async def test_every_page_about_standing_is_accessible_and_fits(
    committed_db: Database, address: str, chromium: Browser, width: int, scheme: str
) -> None:
    vendor = await a_suspended_vendor()
    said = await limits.content(principal=SYSTEM)
    draft = await limit_drafting.save(
        principal=OLA, lines=said.lines, note="The same again", now=NOON
    )
    context = await open_context(chromium, width, scheme)
    page = await context.new_page()

    async def look(name: str, path: str) -> None:
        await page.goto(address + path)
        if SHOTS:
            await page.screenshot(path=f"{SHOTS}/{name}-{width}-{scheme}.png", full_page=True)
        assert await faults_of(page) == [], path

    await page.goto(address + PORTAL)
    await page.get_by_label("E-mail").fill("mara@kiln.test")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await look("portal", PORTAL)
    await appealing.appeal(principal=member(vendor.id), text=TEXT, now=NOON)
    await look("portal-appealed", PORTAL)
    await sign_in(page, address, StaffRole.ADMINISTRATOR)
    await look("vendors", OFFICE)
    await look("vendor", f"{OFFICE}/{vendor.id}")
    await look("appeals", f"{OFFICE}/appeals")
    await look("limits", f"{OFFICE}/limits")
    await look("limit-version", f"{OFFICE}/limits/{draft}")
    await look("limit-draft", f"{OFFICE}/limits/draft")
    await context.close()
