"""Days off: deadlines wait, offers leave the shelf or stay, and nobody else's are touched."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette

from marketplace.accounts.models import Vendor
from marketplace.catalog import queries as catalog
from marketplace.catalog.errors import UnknownOffer
from marketplace.checkout import placing
from marketplace.kit import clock as marketplace_clock
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders import accepting
from marketplace.sla import pausing
from marketplace.sla.models import ClockKind, PauseCause, SlaClock, VendorClosure
from tests.factories import GUEST, NOON, make_cart, make_offer, member
from tests.marketplace_web.conftest import ManualClock, browser_for
from tests.vendor_portal.desks import hidden_fields, order_for, page_of, post, sign_in

pytestmark = pytest.mark.anyio
DAYS = {"first_day": "2026-03-03", "last_day": "2026-03-05", "offers": "unavailable", "note": ""}
DUE = datetime(2026, 3, 4, 12, tzinfo=UTC)  # to ship what is accepted at NOON, a Monday


async def close(browser: httpx.AsyncClient, **changes: str) -> httpx.Response:
    form = hidden_fields(await browser.get("/portal/vacations"))
    return await browser.post("/portal/vacations", data=form | DAYS | changes)


async def due_of(part: UUID) -> datetime:
    async with transaction(SYSTEM, read_only=True):
        return (await SlaClock.get(subject_id=part, kind=ClockKind.SHIP_BY)).due_at


async def closures() -> list[VendorClosure]:
    async with transaction(SYSTEM, read_only=True):
        return await VendorClosure.all()


async def test_deadlines_wait_for_a_vacation_and_come_back_when_it_is_taken_back(
    tomas: httpx.AsyncClient, mine: Vendor
) -> None:
    [part] = await order_for(mine)
    await accepting.accept(principal=member(mine.id), sub_order_id=part, now=NOON)
    assert await due_of(part) == DUE

    assert (await close(tomas)).status_code == 303
    assert await due_of(part) == DUE + timedelta(days=5)  # three working days and a weekend
    [closure] = await closures()
    form = hidden_fields(await tomas.get("/portal/vacations"))
    answer = await tomas.post(f"/portal/vacations/{closure.id}/cancellation", data=form)

    assert answer.status_code == 303
    assert await due_of(part) == DUE
    assert [each.cancelled_at for each in await closures()] == [NOON]


async def test_the_same_days_twice_are_one_vacation(mara: httpx.AsyncClient) -> None:
    for _ in range(2):
        assert (await close(mara)).status_code == 303

    assert len(await closures()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"first_day": "2026-03-02"},
        {"last_day": "2026-03-01"},
        {"last_day": "2026-12-31"},
        {"first_day": "2030-03-03", "last_day": "2030-03-05"},
        {"first_day": "soon"},
        {"offers": "burned"},
    ],
    ids=["today", "backwards", "very long", "far ahead", "no day", "no choice"],
)
async def test_days_that_make_no_sense_are_refused_beside_their_field(
    mara: httpx.AsyncClient, changes: dict[str, str]
) -> None:
    answer = await close(mara, **changes)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert await closures() == []


async def test_days_that_are_closed_already_are_refused(mara: httpx.AsyncClient) -> None:
    await close(mara)

    answer = await close(mara, first_day="2026-03-05", last_day="2026-03-09")

    assert answer.status_code == 422
    assert len(await closures()) == 1


async def test_a_vacation_that_has_begun_is_not_taken_back(
    mara: httpx.AsyncClient, clock: ManualClock
) -> None:
    await close(mara)
    [closure] = await closures()
    clock.passes(days=2)

    form = hidden_fields(await mara.get("/portal/vacations"))
    await mara.post(f"/portal/vacations/{closure.id}/cancellation", data=form)

    assert (await closures())[0].cancelled_at is None


async def test_another_vendors_vacation_is_neither_shown_nor_taken_back(
    mara: httpx.AsyncClient, app: Starlette, theirs: Vendor
) -> None:
    async with browser_for(app) as elin:
        await sign_in(elin, "elin@norra.test")
        await close(elin, note="To Sweden")
    [closure] = await closures()

    page = await mara.get("/portal/vacations")
    answer = await mara.post(
        f"/portal/vacations/{closure.id}/cancellation", data=hidden_fields(page)
    )

    assert "To Sweden" not in page.text
    assert answer.status_code == 404
    assert (await closures())[0].cancelled_at is None


@pytest.mark.parametrize("offers", ["unavailable", "visible"])
async def test_what_cannot_be_bought_meanwhile_is_the_vendors_choice(
    mara: httpx.AsyncClient, mine: Vendor, offers: str
) -> None:
    mug = await make_offer(vendor=mine)
    token = await make_cart({mug.id: 1})
    await close(mara, offers=offers)
    away = NOON + timedelta(days=2)

    async def buy(now: datetime) -> None:
        await placing.place_order(principal=GUEST, token=token, key=str(now), now=now)

    if offers == "visible":
        await buy(away)
        return
    with pytest.raises(UnknownOffer):
        await buy(away)
    await buy(NOON + timedelta(days=4))


async def test_offers_off_the_shelf_are_not_listed(mara: httpx.AsyncClient, mine: Vendor) -> None:
    mug = await make_offer(vendor=mine)
    today = (await marketplace_clock.now()).date()
    async with transaction(SYSTEM):
        await VendorClosure.create(
            id=mug.id, vendor_id=mine.id, first_day=today - timedelta(days=1),
            last_day=today + timedelta(days=1), offers="unavailable", note="", created_by="system",
            created_at=NOON,
        )  # fmt: skip

    assert await catalog.offers(principal=GUEST, ids=[mug.id]) == {}


async def test_a_deadline_that_stands_still_says_so_and_why(
    mara: httpx.AsyncClient, mine: Vendor, clock: ManualClock
) -> None:
    [part] = await order_for(mine)
    await accepting.accept(principal=member(mine.id), sub_order_id=part, now=NOON)
    async with transaction(SYSTEM):
        clock_row = await SlaClock.get(subject_id=part, kind=ClockKind.SHIP_BY)
        await pausing.pause(order_id=clock_row.order_id, cause=PauseCause.PLATFORM, now=NOON)
    clock.passes(days=7)
    await sign_in(mara, "mara@kiln.test")

    work, page = await mara.get("/portal/"), await mara.get(page_of(part))

    assert "paused" in work.text
    assert "something of ours is out of order" in work.text
    assert 'class="late"' not in work.text
    assert "The time stands still: something of ours is out of order" in page.text


async def test_a_vendor_tells_a_customer_of_a_new_day_from_the_orders_page(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    [part] = await order_for(mine)
    await accepting.accept(principal=member(mine.id), sub_order_id=part, now=NOON)

    refused = await post(mara, part, "delay", delayed_to="2026-03-03", delay_reason="Glaze")
    told = await post(mara, part, "delay", delayed_to="2026-03-06", delay_reason="Glaze")

    assert (refused.status_code, told.status_code) == (422, 303)
    assert "It is not later than promised" in refused.text
    assert "The customer was told that it leaves by" in (await mara.get(page_of(part))).text
