"""A vendor reads how it stands and why, appeals once, and sees nobody else's."""

from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette

from marketplace.accounts.models import Vendor
from marketplace.kit.principal import SYSTEM, VendorRole
from marketplace.kit.transactions import connection, transaction
from marketplace.orders.models import SubOrder
from marketplace.scorecards import appealing, by_hand, daily, standing_lists
from tests.factories import NOON, member
from tests.marketplace_web.conftest import browser_for
from tests.scorecards.deadlines import OLA, arrived, shipped
from tests.vendor_portal.desks import hidden_fields, order_for, seat, sign_in

pytestmark = pytest.mark.anyio
PAGE = "/portal/performance"
ALL_OF_IT = """
    SELECT (SELECT count(*) FROM scorecard) + (SELECT count(*) FROM scorecard_standing)
        + (SELECT count(*) FROM scorecard_standing_change)
        + (SELECT count(*) FROM scorecard_appeal) + (SELECT count(*) FROM scorecard_excuse)
"""


async def appeal(browser: httpx.AsyncClient, text: str) -> httpx.Response:
    form = hidden_fields(await browser.get(PAGE))
    return await browser.post(f"{PAGE}/appeals", data=form | {"text": text})


async def suspended(vendor: Vendor, reason: str = "Sells fakes") -> None:
    await by_hand.suspend(principal=OLA, vendor_id=vendor.id, reason=reason, now=NOON)


async def test_a_warning_names_figure_and_limit_and_can_be_appealed_once(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    well = await mara.get(PAGE)
    [part_id] = await order_for(mine)
    async with transaction(SYSTEM, read_only=True):
        part = await SubOrder.get(id=part_id)
    await shipped(part, late=1, in_time=9)
    await daily.work_off(now=NOON)

    warned = await mara.get(PAGE)
    empty = await appeal(mara, " ")
    first, second = [await appeal(mara, "The carrier\nwas on strike") for _ in range(2)]
    shown = await mara.get(PAGE)
    [waiting] = await standing_lists.appeals(principal=OLA)
    await appealing.deny(principal=OLA, appeal_id=waiting.id, answer="It was not.", now=NOON)
    answered = await mara.get(PAGE)

    assert ("/appeals" in well.text, "else a warning" in well.text) == (False, True)
    assert "10 % of 10 orders in the last 30 days. The limit is at most 4 %." in warned.text
    assert (empty.status_code, first.status_code, second.status_code) == (422, 303, 303)
    assert waiting.text == "The carrier\nwas on strike"
    assert ("Your appeal is with us" in shown.text, "<textarea" in shown.text) == (True, False)
    assert ("It was not." in answered.text, "<textarea" in answered.text) == (True, True)


async def test_a_warning_names_what_is_still_beyond_its_limit_by_the_newest_figures(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    [part_id] = await order_for(mine)
    async with transaction(SYSTEM, read_only=True):
        part = await SubOrder.get(id=part_id)
    await shipped(part, late=1, in_time=9)
    await arrived(part, late=2, in_time=8)
    await daily.work_off(now=NOON)
    before = await mara.get(PAGE)
    await arrived(part, late=0, in_time=90)
    await daily.work_off(now=NOON + timedelta(days=1))

    page = await mara.get(PAGE)

    late, arrival = "The limit is at most 4 %.", "The limit is at least 90 %."
    assert (late in before.text, arrival in before.text) == (True, True)
    assert (late in page.text, arrival in page.text) == (True, False)


async def test_a_vendor_that_stands_well_has_nothing_to_appeal_against(
    mara: httpx.AsyncClient,
) -> None:
    refused = await appeal(mara, "Why?")

    assert refused.status_code == 303
    assert (await mara.get(f"{PAGE}/appeals")).headers["location"] == PAGE
    assert await standing_lists.appeals(principal=OLA) == []


async def test_who_packs_appeals_too_and_who_does_the_books_does_not(
    mara: httpx.AsyncClient, app: Starlette, mine: Vendor
) -> None:
    await seat(mine, "nils@kiln.test", "Nils Book", VendorRole.FINANCE, NOON)
    await suspended(mine)
    async with browser_for(app) as nils, browser_for(app) as tomas:
        await sign_in(nils, "nils@kiln.test")
        await sign_in(tomas, "tomas@kiln.test")
        page = await nils.get(PAGE)
        refused = await appeal(nils, "Why?")
        allowed = await appeal(tomas, "Why?")

    assert ("Sells fakes" in page.text, "<textarea" in page.text) == (True, False)
    assert "".join(page.text.split()).count('Performance<spanclass="count">1<') == 2  # both menus
    assert (refused.status_code, allowed.status_code) == (403, 303)


async def test_another_vendors_standing_is_neither_shown_nor_appealed(
    mara: httpx.AsyncClient, mine: Vendor, theirs: Vendor
) -> None:
    await suspended(theirs, "Sold fakes of wool")
    await daily.work_off(now=NOON)
    await by_hand.lift(
        principal=OLA, vendor_id=theirs.id, reason="Real wool", now=NOON + timedelta(hours=1)
    )
    await suspended(theirs, "Sold fakes of silk")
    await appealing.appeal(principal=member(theirs.id), text="It is silk", now=NOON)

    page = await mara.get(PAGE)
    refused = await appeal(mara, "Why?")
    async with transaction(member(mine.id), read_only=True):
        seen = await connection().fetchval(ALL_OF_IT)

    assert ("wool" in page.text, "silk" in page.text) == (False, False)
    assert refused.status_code == 303
    assert seen == 1  # mine is one scorecard
    assert [one.text for one in await standing_lists.appeals(principal=OLA)] == ["It is silk"]
