"""Routing's pages in a real Chromium: accessible, fitting, usable without a script."""

import pytest
from playwright.async_api import Browser

from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from marketplace.orders.models import SubOrder
from marketplace.routing import closing, rule_sets, simulating
from marketplace.routing.models import RoutingRuleSet
from tests.back_office.stories import two_vendors
from tests.back_office.test_in_a_browser import sign_in
from tests.conftest import Database
from tests.factories import NOON, make_channel, make_offer, make_paid_order, parts_of
from tests.marketplace_web.test_in_a_browser import address, chromium, faults_of, open_context
from tests.orders.rerouting import refuse

__all__ = ["address", "chromium"]  # the fixtures of the shared pages

pytestmark = pytest.mark.anyio

DOCUMENT = {
    "mode": "weighted", "rankers": [{"name": "proximity", "weight": 3}, {"name": "stock"}],
    "rows": [
        {"name": "Not by air over the Alps", "action": "forbid", "countries": ["AT", "CH"],
         "when": "candidate.distance > 1 && line.quantity >= 2", "from_minor": 250_00},
        {"name": "Loom first", "action": "prefer", "vendors": ["loom"]},
    ],
}  # fmt: skip


async def story() -> list[str]:
    """A refused order that went on, a draft with a simulation; the addresses to look at."""
    order = await two_vendors()
    mugs = await make_offer()
    await make_offer(like=mugs, price=13_00)
    [part] = await parts_of(await make_paid_order({mugs.id: 2}))
    await refuse(part)
    [_, moved] = await parts_of(part.order_id)
    channel = await make_channel()
    made = await rule_sets.draft(principal=SYSTEM, channel_id=channel.id, name="Alps", now=NOON)
    await rule_sets.change(
        principal=SYSTEM, rule_set_id=made, name="Alps", document=DOCUMENT, needed_percent=90,
        expected_edition=1, now=NOON,
    )  # fmt: skip
    simulation = await simulating.start(principal=SYSTEM, rule_set_id=made, wanted=50, now=NOON)
    await closing.close(
        principal=SYSTEM, vendor_id=order.kiln.id, location_id=None, reason="No power",
        starts_at=NOON, ends_at=None, now=NOON,
    )  # fmt: skip
    async with transaction(SYSTEM, read_only=True):
        active = await RoutingRuleSet.get(version=1)
        first = await SubOrder.get(id=order.mugs.id)
    return [
        "", f"/{made}", f"/{active.id}", f"/decisions/{first.number}",
        f"/decisions/{moved.number}", f"/simulations/{simulation}", "/places",
    ]  # fmt: skip


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
async def test_every_page_is_accessible_and_fits(
    committed_db: Database, address: str, chromium: Browser, width: int, scheme: str
) -> None:
    pages = await story()
    context = await open_context(chromium, width, scheme)
    page = await context.new_page()
    await sign_in(page, address, StaffRole.OPERATIONS)

    for path in pages:
        await page.goto(f"{address}/back-office/routing{path}")
        assert await faults_of(page) == [], path

    await context.close()


async def test_a_row_is_added_and_tried_without_a_script(
    committed_db: Database, address: str, chromium: Browser
) -> None:
    [_, draft, *_] = await story()
    context = await chromium.new_context(java_script_enabled=False)
    page = await context.new_page()
    await sign_in(page, address, StaffRole.OPERATIONS)

    await page.goto(f"{address}/back-office/routing{draft}")
    row = page.get_by_role("group", name="Row 3")
    await row.get_by_label("Name").fill("Dear ones by stock")
    await row.get_by_label("Then").select_option("rank")
    await row.get_by_label("Orders from").fill("500")
    await row.get_by_label("Rank by").fill("stock, price 2")
    await page.get_by_role("button", name="Save the draft").click()
    saved = await page.get_by_role("status").first.inner_text()
    await page.get_by_role("button", name="Run in shadow").click()

    assert saved == "The draft is saved."
    assert "Rank by stock, price 2" in await page.get_by_role("table").inner_text()
    assert await page.get_by_text("0.0 %").count() == 1
    await context.close()
