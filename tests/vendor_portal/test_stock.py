"""A vendor keeps its stock: through pages alone, and nobody else's."""

import csv
import io
import re
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from marketplace.accounts.models import Vendor
from marketplace.catalog.models import Offer, Variant
from marketplace.inventory import locating, receiving, uploading
from marketplace.inventory.models import (
    Inbound,
    Location,
    LocationKind,
    Reservation,
    Stock,
    StockUpload,
    UploadState,
)
from marketplace.kit.principal import SYSTEM, VendorRole
from marketplace.kit.transactions import transaction
from tests.factories import NOON, make_channel, make_offer, make_paid_order, stock_of
from tests.marketplace_web.conftest import browser_for
from tests.vendor_portal.desks import hidden_fields, seat, sign_in
from vendor_portal.routes import routes

pytestmark = pytest.mark.anyio

OF_STOCK = [
    (method, route.path)
    for route in routes
    if isinstance(route, Route) and route.path.startswith("/stock")
    for method in sorted((route.methods or set()) - {"HEAD"})
]
TOMORROW = (NOON + timedelta(days=1)).date()


async def shelf_of(offer: Offer) -> Stock:
    async with transaction(SYSTEM, read_only=True):
        return await Stock.get(offer_id=offer.id)


async def sku_of(offer: Offer) -> str:
    async with transaction(SYSTEM, read_only=True):
        return (await Variant.get(id=offer.variant_id)).sku


async def send(
    browser: httpx.AsyncClient, page: str, to: str, /, **typed: object
) -> httpx.Response:
    """Fill in the form of a page that posts to an address below it, or to the page itself."""
    form = hidden_fields(await browser.get(page))
    form |= {name: str(value) for name, value in typed.items()}
    return await browser.post(f"{page}{to}", data=form)


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


async def test_a_file_is_looked_at_and_then_written(mara: httpx.AsyncClient, mine: Vendor) -> None:
    mug = await make_offer(vendor=mine)
    text = f"sku,location,on_hand\n{await sku_of(mug)},main,8\nnone,main,1\n"
    page = "/portal/stock/uploads"
    shown = hidden_fields(await mara.get(page))

    none = await mara.post(page, data=shown, files={"other": ("x", b"")})
    wrong = await mara.post(page, data=shown, files={"file": ("x.csv", b"a,b\n1,2\n")})
    sent = await mara.post(page, data=shown, files={"file": ("week 9.csv", text.encode())})
    file = sent.headers["location"]
    looked = await mara.get(file)
    whole = await send(mara, file, "/start", is_whole="yes")
    started = await send(mara, file, "/start")
    working = await mara.get(file)
    async with transaction(SYSTEM, read_only=True):
        upload = await StockUpload.get()
    await uploading.carry_on(upload_id=upload.id, now=NOON)

    assert (none.status_code, wrong.status_code, sent.status_code) == (422, 422, 303)
    assert "You have no stock item with this SKU" in looked.text
    assert (whole.status_code, started.status_code) == (409, 303)
    assert "0 of 1 lines are written" in working.text
    assert "1 line is written" in (await mara.get(file)).text
    assert await stock_of(mug.id) == (8, 0)
    assert "week 9.csv" in (await mara.get(page)).text


async def test_a_file_of_events_is_heard_at_once_and_as_often_as_it_comes(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    mug = await make_offer(vendor=mine)
    sku, page = await sku_of(mug), "/portal/stock/uploads"
    feed = f"id,version,sku,location,on_hand\na,7,{sku},main,8\nb,6,{sku},main,2\nc,1,x,main,2\n"
    shown = hidden_fields(await mara.get(page))

    answers = []
    for text in (feed, feed, "id,version,sku,location,on_hand\na,x,b,c,1\n"):
        await mara.post(page, data=shown, files={"file": ("feed.csv", text.encode())})
        answers.append((await mara.get(page)).text)
    wrong = await mara.post(page, data=shown, files={"file": ("f.csv", text.encode())})

    assert "1 written, 1 older than what we know, 0 heard before" in answers[0]
    assert "0 written, 0 older than what we know, 2 heard before, 1 of stock items" in answers[1]
    assert "line 2 has no number on hand or no version" in wrong.text
    assert await stock_of(mug.id) == (8, 0)


async def test_a_file_can_be_forgotten(mara: httpx.AsyncClient, mine: Vendor) -> None:
    page = "/portal/stock/uploads"
    levels = b"sku,location,on_hand\nnone,main,1\n"
    shown = hidden_fields(await mara.get(page))
    sent = await mara.post(page, data=shown, files={"file": ("a.csv", levels)})

    gone = await send(mara, sent.headers["location"], "/discard")

    assert gone.status_code == 303
    async with transaction(SYSTEM, read_only=True):
        assert (await StockUpload.get()).state is UploadState.DISCARDED


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


async def test_who_does_the_books_looks_and_changes_nothing(
    app: Starlette, mara: httpx.AsyncClient, mine: Vendor
) -> None:
    mug = await make_offer(vendor=mine)
    page = f"/portal/stock/{(await shelf_of(mug)).id}"
    await seat(mine, "ada@kiln.test", "Ada", VendorRole.FINANCE, NOON)
    async with browser_for(app) as ada:
        await sign_in(ada, "ada@kiln.test")
        shown = await ada.get(page)
        token = hidden_fields(await ada.get("/portal/stock"))
        answers = [
            await ada.post(f"/portal{path}", data=token)
            for path in (f"{page.removeprefix('/portal')}/adjustments", "/stock/uploads")
        ]

    assert shown.status_code == 200
    assert "/adjustments" not in shown.text
    assert [answer.status_code for answer in answers] == [403, 422]
    assert await stock_of(mug.id) == (5, 0)


async def test_another_vendors_stock_does_not_exist_on_any_route(
    mara: httpx.AsyncClient, mine: Vendor, theirs: Vendor
) -> None:
    await make_offer(vendor=mine)
    lamp = await make_offer(vendor=theirs, sku="lamp")
    ids = await belongings_of(theirs, lamp)
    token = hidden_fields(await mara.get("/portal/stock/uploads"))
    form = token | {"to": "1", "how": "counted", "change_from": "5"}

    for method, path in OF_STOCK:
        if "{" not in path:
            continue
        answers = []
        for known in (ids, dict.fromkeys(ids, uuid4())):
            address = f"/portal{path}"
            for name, value in known.items():
                address = address.replace(name, str(value))
            answers.append(await mara.request(method, address, data=form))
        assert [answer.status_code for answer in answers] == [404, 404], (method, path)

    assert await stock_of(lamp.id) == (5, 0)
    assert "lamp" not in (await mara.get("/portal/stock")).text
    assert "lamp" not in (await mara.get("/portal/stock.csv")).text


async def belongings_of(vendor: Vendor, offer: Offer) -> dict[str, UUID]:
    """One of each thing with a page, by its place in the address."""
    shelf = await shelf_of(offer)
    inbound_id = await receiving.announce(
        principal=SYSTEM, stock_id=shelf.id, pieces=1, expected_on=TOMORROW, reference="x",
        key="x", now=NOON,
    )  # fmt: skip
    upload_id = await uploading.check(
        principal=SYSTEM, vendor_id=vendor.id, filename="x.csv", now=NOON,
        content=b"sku,location,on_hand\nnone,main,1\n",
    )  # fmt: skip
    location = await locating.open_location(
        principal=SYSTEM, vendor_id=vendor.id, code="x", name="X", kind=LocationKind.STORE,
        country="SE", priority=9, now=NOON,
    )  # fmt: skip
    return {
        "{stock_id:uuid}": shelf.id,
        "{inbound_id:uuid}": inbound_id,
        "{upload_id:uuid}": upload_id,
        "{location_id:uuid}": location.id,
    }
