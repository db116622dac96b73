"""What is on the shelf: shown, changed, announced."""

import csv
import io
import re
from datetime import timedelta

import httpx
import pytest

from marketplace.accounts.models import Vendor
from marketplace.inventory.models import Inbound, Location, Reservation
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders.models import OrderLine
from tests.factories import NOON, make_channel, make_offer, make_paid_order, stock_of
from tests.vendor_portal.desks import hidden_fields
from tests.vendor_portal.shelves import send, shelf_of

pytestmark = pytest.mark.anyio
TOMORROW = (NOON + timedelta(days=1)).date()


async def test_the_list_shows_finds_and_pages_and_its_file_can_be_uploaded_again(
    mara: httpx.AsyncClient, mine: Vendor, theirs: Vendor
) -> None:
    for number in range(53):
        await make_offer(vendor=mine, sku=f"mug{number:02}", on_hand=number)
    await make_offer(vendor=theirs, sku="lamp")

    first = await mara.get("/portal/stock")
    [after] = re.findall(r'rel="next" href="([^"]+)"', first.text)
    second = await mara.get(after.replace("&amp;", "&"))
    out = await mara.get("/portal/stock?tab=out")
    found = await mara.get("/portal/stock?q=MUG52")
    nothing = await mara.get("/portal/stock?q=mu%25")
    file = await mara.get("/portal/stock.csv?q=mug5")

    assert [page.text.count('<a class="reference"') for page in (first, second)] == [50, 3]
    assert "lamp" not in first.text + second.text
    assert (out.text.count('class="reference"'), "mug00" in out.text) == (1, True)
    assert (found.text.count('class="reference"'), "mug52" in found.text) == (1, True)
    assert "Nothing here" in nothing.text
    rows = list(csv.DictReader(io.StringIO(file.text.lstrip("\ufeff"))))
    assert [(row["Location"], row["On hand"]) for row in rows] == [
        ("main", "50"), ("main", "51"), ("main", "52"),
    ]  # fmt: skip
    assert (await mara.get("/portal/stock?tab=none")).status_code == 422


async def test_a_figure_is_changed_from_what_was_seen(
    mara: httpx.AsyncClient, tomas: httpx.AsyncClient, mine: Vendor
) -> None:
    mug = await make_offer(vendor=mine)
    page = f"/portal/stock/{(await shelf_of(mug)).id}"
    stale = hidden_fields(await mara.get(page))

    done = await send(tomas, page, "/adjustments", to=3, how="other", reason="Two broke")
    late = await mara.post(f"{page}/adjustments", data=stale | {"to": "9", "how": "counted"})

    assert done.status_code == 303
    assert late.status_code == 409
    assert "There are 3 on hand now, not 5." in late.text
    assert await stock_of(mug.id) == (3, 0)
    shown = (await mara.get(page)).text
    assert "Two broke" in shown
    assert "Tomas Roth" in shown


async def test_fewer_than_were_sold_is_refused_unless_somebody_counted(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    mug = await make_offer(vendor=mine)
    await make_channel()
    order_id = await make_paid_order({mug.id: 4})
    page = f"/portal/stock/{(await shelf_of(mug)).id}"

    refused = await send(mara, page, "/adjustments", to=1, how="other", reason="Lost")
    counted = await send(mara, page, "/adjustments", to=1, how="counted")

    assert (refused.status_code, counted.status_code) == (409, 303)
    assert "4 are promised to customers" in refused.text
    assert await stock_of(mug.id) == (1, 1)
    async with transaction(SYSTEM, read_only=True):
        assert (await Reservation.get(order_id=order_id)).short == 3
    assert "3 sold pieces are not there" in (await mara.get(page)).text


@pytest.mark.parametrize(
    ("to", "typed"),
    [
        ("/adjustments", {"to": "x", "how": "counted"}),
        ("/adjustments", {"to": "3", "how": "other"}),
        ("/levels", {"safety": "-1"}),
        ("/deliveries", {"pieces": "0", "expected_on": "soon", "reference": ""}),
        ("/selling-ahead", {"kind": "backorder", "limit": ""}),
        ("/selling-ahead", {"kind": "pre_order", "limit": "2"}),
    ],
)
async def test_what_was_typed_wrong_is_said_beside_it(
    mara: httpx.AsyncClient, mine: Vendor, to: str, typed: dict[str, str]
) -> None:
    page = f"/portal/stock/{(await shelf_of(await make_offer(vendor=mine))).id}"

    answer = await send(mara, page, to, **typed)

    assert answer.status_code == 422
    assert 'class="error"' in answer.text


async def test_a_delivery_is_announced_and_received(mara: httpx.AsyncClient, mine: Vendor) -> None:
    mug = await make_offer(vendor=mine)
    page = f"/portal/stock/{(await shelf_of(mug)).id}"

    over = await send(
        mara, page, "/deliveries", pieces=6, expected_on="2026-01-01", reference="PO 7"
    )
    await send(mara, page, "/deliveries", pieces=6, expected_on=TOMORROW, reference="PO 7")
    async with transaction(SYSTEM, read_only=True):
        inbound = await Inbound.get()
    receipts = f"/deliveries/{inbound.id}/receipts"
    none = await send(mara, page, receipts, **{f"arrived-{inbound.id}": ""})
    await send(mara, page, receipts, **{f"arrived-{inbound.id}": 4, "is_last": "yes"})

    assert (over.status_code, none.status_code) == (409, 422)
    assert await stock_of(mug.id) == (9, 0)
    shown = (await mara.get(page)).text
    assert "No delivery is announced" in shown
    assert "PO 7" in shown


async def test_levels_and_selling_ahead_are_noted(mara: httpx.AsyncClient, mine: Vendor) -> None:
    mug = await make_offer(vendor=mine)
    page = f"/portal/stock/{(await shelf_of(mug)).id}"

    await send(mara, page, "/levels", safety=2, low_at=4)
    await send(mara, page, "/selling-ahead", kind="backorder", limit=7, lead_days=5)
    low = await mara.get("/portal/stock?tab=low")

    shelf = await shelf_of(mug)
    assert (shelf.safety, shelf.low_at, shelf.backorder_limit) == (2, 4, 7)
    assert str(shelf.id) in low.text
    await send(mara, page, "/levels", safety="", low_at="")
    await send(mara, page, "/selling-ahead", kind="never")
    shelf = await shelf_of(mug)
    assert (shelf.safety, shelf.low_at, shelf.backorder_limit) == (0, None, 0)


async def test_a_price_is_changed_from_now_on(mara: httpx.AsyncClient, mine: Vendor) -> None:
    mug = await make_offer(vendor=mine, price=12_00)
    await make_channel()
    order_id = await make_paid_order({mug.id: 1})
    page = f"/portal/stock/{(await shelf_of(mug)).id}"

    wrong = [await send(mara, page, "/price", price=typed) for typed in ("", "0", "a lot")]
    done = await send(mara, page, "/price", price="13,50")

    assert [answer.status_code for answer in (*wrong, done)] == [422, 422, 422, 303]
    async with transaction(SYSTEM, read_only=True):
        await mug.refresh_from_db()
        line = await OrderLine.get(order_id=order_id)
    assert (mug.price_minor, line.unit_price_minor) == (13_50, 12_00)
    assert 'value="13.50"' in (await mara.get(page)).text


async def test_a_location_opens_closes_and_opens_again(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    page = "/portal/locations"
    shop = {"name": "Shop", "code": "shop", "kind": "store", "country": "de", "priority": 2}

    opened = await send(mara, page, "", **shop)
    twice = await send(mara, page, "", **shop)
    wrong = await send(mara, page, "", **shop | {"name": "", "code": "other"})
    async with transaction(SYSTEM, read_only=True):
        location = await Location.get(code="shop")
    await send(mara, page, f"/{location.id}/closing")
    closed = await mara.get(page)
    await send(mara, page, f"/{location.id}/reopening")

    assert [answer.status_code for answer in (opened, twice, wrong)] == [303, 409, 422]
    assert "You have a location with the code shop already" in twice.text
    assert "Closed" in closed.text
    async with transaction(SYSTEM, read_only=True):
        assert (await Location.get(id=location.id)).closed_at is None
