"""Who may look at stock and who may change it."""

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from marketplace.accounts.models import Vendor
from marketplace.catalog.models import Offer
from marketplace.inventory import locating, receiving, uploading
from marketplace.inventory.models import LocationKind
from marketplace.kit.principal import SYSTEM, VendorRole
from tests.factories import NOON, make_offer, stock_of
from tests.marketplace_web.conftest import browser_for
from tests.vendor_portal.desks import hidden_fields, seat, sign_in
from tests.vendor_portal.shelves import shelf_of
from tests.vendor_portal.systems import connect
from vendor_portal.routes import routes

pytestmark = pytest.mark.anyio
OF_STOCK = [
    (method, route.path)
    for route in routes
    if isinstance(route, Route) and route.path.startswith("/stock")
    for method in sorted((route.methods or set()) - {"HEAD"})
]
TOMORROW = (NOON + timedelta(days=1)).date()


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
        "{key_id:uuid}": (await connect(vendor.id)).key_id,
    }
