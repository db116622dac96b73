"""How vendors stand, on the pages: the list, one vendor, the limits, and answers to appeals."""

from datetime import timedelta
from html import escape

import httpx
import pytest

from marketplace.accounts.models import Vendor
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from marketplace.scorecards import appealing, by_hand, daily
from marketplace.scorecards.limit_models import LimitVersion
from marketplace.scorecards.metrics import Metric
from tests.back_office.conftest import SignedIn
from tests.factories import NOON, make_vendor, member
from tests.marketplace_web.doors import token_in
from tests.scorecards.deadlines import OLA, moves, seller, shipped
from tests.vendor_portal.desks import HIDDEN

pytestmark = pytest.mark.anyio
PAGE = "/back-office/standing"
DRAFT = f"{PAGE}/limits/draft"
FORM = {
    "note": "A quarter late is too much",
    **{f"{metric}-days": "30" for metric in Metric},
    **{f"{metric}-sample": "10" for metric in Metric},
    "late_shipment-target": "4", "late_shipment-warn": "8,5 %", "late_shipment-suspend": "25",
    "acceptance-target": "97", "acceptance-warn": "90.25",
}  # fmt: skip


async def send(browser: httpx.AsyncClient, path: str, page: str, **form: str) -> httpx.Response:
    token = token_in(await browser.get(page))
    return await browser.post(path, data={"csrf_token": token, **form})


async def versions() -> list[LimitVersion]:
    async with transaction(SYSTEM, read_only=True):
        return await LimitVersion.all().order_by("version").prefetch_related("limits")


async def late_seller() -> Vendor:
    """Three of ten sent late: warned."""
    part = await seller()
    await shipped(part, late=3, in_time=7)
    await daily.work_off(now=NOON)
    async with transaction(SYSTEM, read_only=True):
        return await Vendor.get(id=part.vendor_id)


async def test_limits_are_drafted_tried_on_the_newest_figures_and_put_in_force(
    signed_in: SignedIn,
) -> None:
    ola, sam = await signed_in(StaffRole.OPERATIONS), await signed_in(StaffRole.SUPPORT)
    vendor, before = await late_seller(), await ola.get(f"{PAGE}/limits")

    kept = await send(ola, DRAFT, DRAFT, **FORM)
    page = kept.headers["location"]
    shown, edited = await ola.get(page), await ola.get(DRAFT)
    await send(ola, f"{page}/activation", page)
    again = await send(ola, f"{page}/activation", page)

    assert (escape(vendor.name) in shown.text, "above 8.5 %" in shown.text) == (True, True)
    assert "would be suspended</span><strong>1<" in shown.text
    assert 'value="90.25"' in edited.text
    first, second = await versions()
    assert (first.state, second.state, again.status_code) == ("retired", "active", 303)
    assert {one.metric: (one.target, one.warn, one.suspend) for one in second.limits} == {
        "late_shipment": (4_00, 8_50, 25_00), "acceptance": (97_00, 90_25, None),
    }  # fmt: skip
    index = await sam.get(f"{PAGE}/limits")
    assert ("suspend nobody" in before.text, "suspend nobody" in index.text) == (True, False)
    assert ("A quarter late is too much" in index.text, "limits/draft" in index.text) == (
        True, False,
    )  # fmt: skip
    assert (await sam.get(DRAFT)).status_code == 403
    assert (await send(sam, DRAFT, PAGE, **FORM)).status_code == 403


async def test_a_draft_is_thrown_away_and_what_is_in_force_is_not(signed_in: SignedIn) -> None:
    ola = await signed_in(StaffRole.OPERATIONS)
    page = (await send(ola, DRAFT, DRAFT, **FORM)).headers["location"]
    [active, _] = await versions()

    await send(ola, f"{page}/end", page)
    await send(ola, f"{PAGE}/limits/{active.id}/end", PAGE)

    assert [one.id for one in await versions()] == [active.id]


async def test_a_draft_that_was_changed_meanwhile_is_not_put_in_force(signed_in: SignedIn) -> None:
    ola = await signed_in(StaffRole.OPERATIONS)
    seen = (await send(ola, DRAFT, DRAFT, **FORM)).headers["location"]
    await send(ola, DRAFT, DRAFT, **{**FORM, "late_shipment-suspend": "9"})

    refused = await send(ola, f"{seen}/activation", PAGE)

    assert refused.headers["location"] == f"{PAGE}/limits"
    assert [one.state for one in await versions()] == ["active", "draft"]


async def test_limits_that_make_no_sense_are_refused_beside_their_fields_as_typed(
    signed_in: SignedIn,
) -> None:
    ola = await signed_in(StaffRole.OPERATIONS)

    for changes in (
        {"late_shipment-target": "much"},
        {"late_shipment-target": "101"},
        {"late_shipment-target": ""},
        {"late_shipment-warn": "3"},
        {"late_shipment-suspend": "5"},
        {"acceptance-warn": "98"},
        {"acceptance-days": "31"},
        {"acceptance-sample": "0"},
        {"note": ""},
    ):
        answer = await send(ola, DRAFT, DRAFT, **{**FORM, **changes})
        assert (changes, answer.status_code) == (changes, 422)
        assert 'aria-invalid="true"' in answer.text
        assert "8,5 %" in answer.text or "late_shipment-warn" in changes
    assert len(await versions()) == 1


async def test_vendors_are_found_by_name_and_standing_and_their_history_is_told(
    signed_in: SignedIn,
) -> None:
    sam = await signed_in(StaffRole.SUPPORT)
    empty = await sam.get(PAGE)
    vendor = await late_seller()
    await make_vendor(name="Norra Textil")

    everybody, warned = await sam.get(PAGE), await sam.get(PAGE, params={"state": "warned"})
    nobody = await sam.get(PAGE, params={"q": "nobody"})
    found = await sam.get(PAGE, params={"q": "norra"})
    story = await sam.get(f"{PAGE}/{vendor.id}")

    assert "No vendors yet" in empty.text
    assert (escape(vendor.name) in everybody.text, "Norra Textil" in everybody.text) == (True, True)
    assert "Orders sent late: 30 % of 10 orders in the last 30 days, at most 4 %" in warned.text
    assert ("Norra Textil" in warned.text, "No vendor fits" in nobody.text) == (False, True)
    assert (escape(vendor.name) in found.text, "Norra Textil" in found.text) == (False, True)
    assert ("Version 1" in story.text, "by its figures" in story.text) == (True, True)
    assert "<textarea" not in story.text
    assert (await sam.get(PAGE, params={"state": "famous"})).status_code == 422
    assert (await sam.get(f"{PAGE}/{OLA.id}")).status_code == 404


async def test_many_vendors_lie_on_several_pages(signed_in: SignedIn) -> None:
    sam = await signed_in(StaffRole.SUPPORT)
    async with transaction(SYSTEM):
        for number in range(60):
            await make_vendor(name=f"Seller {number:02d}")

    first = await sam.get(PAGE)
    [after] = {part for part in first.text.split('"') if "?after=" in part}
    second = await sam.get(f"{PAGE}{after[after.index('?') :]}")
    [before] = {part for part in second.text.split('"') if "?before=" in part}
    back = await sam.get(f"{PAGE}{before[before.index('?') :]}")

    for page, there, not_there in ((first, "49", "50"), (second, "50", "49"), (back, "49", "50")):
        assert f"Seller {there}<" in page.text
        assert f"Seller {not_there}<" not in page.text


async def test_staff_suspend_and_lift_by_hand_with_a_reason(signed_in: SignedIn) -> None:
    ola, sam = await signed_in(StaffRole.OPERATIONS), await signed_in(StaffRole.SUPPORT)
    vendor = await make_vendor()
    page = f"{PAGE}/{vendor.id}"

    silent = await send(ola, f"{page}/suspension", page)
    await send(ola, f"{page}/suspension", page, reason="Sells fakes")
    late = await send(ola, f"{page}/suspension", page, reason="Sells fakes")
    shown = await sam.get(page)
    refused = await send(sam, f"{page}/lifting", page, reason="No fakes")
    await send(ola, f"{page}/lifting", page, reason="No fakes")

    assert (silent.status_code, late.status_code, refused.status_code) == (422, 303, 403)
    assert ("Sells fakes" in shown.text, "Ola Nyman" in shown.text) == (True, True)
    assert sorted(await moves(vendor.id)) == ["lift", "suspend"]


async def test_an_appeal_waits_in_the_queue_until_one_of_the_staff_answers(
    signed_in: SignedIn,
) -> None:
    ola, sam = await signed_in(StaffRole.OPERATIONS), await signed_in(StaffRole.SUPPORT)
    vendor, queue = await late_seller(), f"{PAGE}/appeals"
    me = member(vendor.id)
    first = await appealing.appeal(principal=me, text="A strike.\nReally.", now=NOON)

    shown, counted = await sam.get(queue), await sam.get("/back-office/holds")
    silent = await send(ola, f"{queue}/{first}/denial", queue)
    refused = await send(sam, f"{queue}/{first}/denial", queue, answer="No")
    await send(ola, f"{queue}/{first}/denial", queue, answer="There was none.")
    late = await send(ola, f"{queue}/{first}/grant", queue, answer="There was.")
    second = await appealing.appeal(principal=me, text="There was.", now=NOON)
    await send(ola, f"{queue}/{second}/grant", queue, answer="Indeed.")

    assert ("<p>Really.</p>" in shown.text, "/grant" in shown.text) == (True, False)
    assert 'Standing<span class="count">1<' in "".join(counted.text.split("\n    "))
    assert (silent.status_code, refused.status_code, late.status_code) == (303, 403, 303)
    assert sorted(await moves(vendor.id)) == ["lift", "warn"]
    assert "No appeal waits" in (await ola.get(queue)).text
    story = (await ola.get(f"{PAGE}/{vendor.id}")).text
    assert ("Indeed." in story, ">excused<" in story, ">warns<" in story) == (True, True, False)


async def test_a_grant_for_a_warning_lifts_no_suspension_that_came_meanwhile(
    signed_in: SignedIn,
) -> None:
    ola = await signed_in(StaffRole.OPERATIONS)
    vendor, queue = await late_seller(), f"{PAGE}/appeals"
    appeal_id = await appealing.appeal(principal=member(vendor.id), text="A strike.", now=NOON)
    before = [await ola.get(queue), await ola.get(f"{PAGE}/{vendor.id}")]
    await by_hand.suspend(
        principal=OLA, vendor_id=vendor.id, reason="Fakes", now=NOON + timedelta(hours=1)
    )

    for page, path, words in zip(
        before, (f"{queue}/{appeal_id}/grant", f"{PAGE}/{vendor.id}/lifting"),
        ("answer", "reason"), strict=True,
    ):  # fmt: skip
        form = dict(HIDDEN.findall(page.text)) | {words: "Well"}
        assert (await ola.post(path, data=form)).status_code == 303

    after = await ola.get(queue)
    assert sorted(await moves(vendor.id)) == ["suspend", "warn"]
    assert ("has changed meanwhile" in after.text, "“Fakes”" in after.text) == (True, True)


async def test_a_form_that_was_left_open_leads_back_to_its_page(signed_in: SignedIn) -> None:
    ola = await signed_in(StaffRole.OPERATIONS)
    vendor = await make_vendor()
    await by_hand.suspend(principal=OLA, vendor_id=vendor.id, reason="Fakes", now=NOON)

    for path, page in (
        (f"{PAGE}/{vendor.id}/lifting", f"{PAGE}/{vendor.id}"),
        (f"{PAGE}/appeals/{vendor.id}/grant", f"{PAGE}/appeals"),
        (f"{PAGE}/limits/{vendor.id}/end", f"{PAGE}/limits"),
    ):
        assert (await ola.get(path)).headers["location"] == page
