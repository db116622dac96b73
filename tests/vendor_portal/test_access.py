"""Whose orders they are, who may see the money, and what nobody may see yet."""

from uuid import UUID, uuid4

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from marketplace.accounts.models import Vendor
from marketplace.kit.principal import VendorRole
from tests.factories import NOON
from tests.marketplace_web.conftest import browser_for
from tests.vendor_portal.desks import (
    PARCEL,
    hidden_fields,
    line_of,
    order_for,
    page_of,
    parcels_of,
    post,
    seat,
    sign_in,
    state_of,
)
from vendor_portal.routes import routes

pytestmark = pytest.mark.anyio

EVERY_ROUTE = [
    (method, route.path)
    for route in routes
    if isinstance(route, Route)
    for method in sorted((route.methods or set()) - {"HEAD"})
]
OF_A_SUB_ORDER = [(method, path) for method, path in EVERY_ROUTE if "{sub_order_id" in path]
# Tried by the tests of the money's pages.
OF_MONEY = (
    "/balance/entries/{entry_id:int}", "/payouts/{payout_id:uuid}", "/statements/lines.{ending}",
    "/statements/{currency}/{number:int}", "/statements/{currency}/{number:int}.pdf",
)  # fmt: skip
# Tried by the tests of vacations.
OF_A_VACATION = "/vacations/{closure_id:uuid}/cancellation"
# Tried by the tests of outages.
OF_PLACES = ("/places/{location_id:uuid}", "/closures/{closure_id:uuid}/end")
# Tried by the tests of shipping.
OF_SHIPPING = "/shipping/{rate_id:uuid}/end"
# Tried by the tests of the stock's pages.
OF_STOCK = {path for _, path in EVERY_ROUTE if path.startswith(("/stock", "/locations"))}
# Tried by the tests of the performance page.
OF_PERFORMANCE = "/performance/{metric}/{days:int}"
OTHERS = {
    "{closure_id:uuid}": str(uuid4()),
    "{entry_id:int}": "1", "{payout_id:uuid}": str(uuid4()), "{ending}": "csv",
    "{stock_id:uuid}": str(uuid4()), "{inbound_id:uuid}": str(uuid4()),
    "{upload_id:uuid}": str(uuid4()), "{key_id:uuid}": str(uuid4()),
    "{location_id:uuid}": str(uuid4()), "{rate_id:uuid}": str(uuid4()),
    "{currency}": "EUR", "{number:int}": "1",
}  # fmt: skip


def test_every_way_to_a_sub_order_is_tried() -> None:
    assert len(OF_A_SUB_ORDER) == 34
    assert {path for _, path in EVERY_ROUTE if "{" in path} == {
        *(path for _, path in OF_A_SUB_ORDER),
        *(path for path in OF_STOCK if "{" in path),
        *OF_MONEY, *OF_PLACES, OF_A_VACATION, OF_PERFORMANCE, OF_SHIPPING,
    }  # fmt: skip


def address(path: str, sub_order_id: UUID, shipment_id: UUID) -> str:
    for name, value in OTHERS.items():
        path = path.replace(name, value)
    path = path.replace("{sub_order_id:uuid}", str(sub_order_id))
    return f"/portal{path.replace('{shipment_id:uuid}', str(shipment_id))}"


def without_its_number(answer: httpx.Response, *varying: UUID) -> str:
    text = answer.text.replace(answer.headers["x-request-id"], "")
    for value in varying:
        text = text.replace(str(value), "")
    return text


async def test_another_vendors_sub_order_does_not_exist_on_any_route(
    mara: httpx.AsyncClient, app: Starlette, mine: Vendor, theirs: Vendor
) -> None:
    [own, part] = await order_for(mine, theirs)
    async with browser_for(app) as elin:
        await sign_in(elin, "elin@norra.test")
        line = await line_of(part)
        await post(elin, part, "acceptance", answer="accept")
        await post(elin, part, "shipments", **PARCEL, **{f"send-{line.id}": 1})
    [parcel] = await parcels_of(part)
    tokens = hidden_fields(await mara.get(page_of(own)))
    form = tokens | PARCEL | {"answer": "accept", f"send-{line.id}": "1"}
    nobodys, nothing = uuid4(), uuid4()

    for method, path in OF_A_SUB_ORDER:
        data = form if method == "POST" else None
        foreign = await mara.request(method, address(path, part, parcel.id), data=data)
        unknown = await mara.request(method, address(path, nobodys, nothing), data=data)

        assert (foreign.status_code, unknown.status_code) == (404, 404), path
        assert without_its_number(foreign, part, parcel.id) == without_its_number(
            unknown, nobodys, nothing
        )
    assert await state_of(part) == "partly_shipped"
    assert len(await parcels_of(part)) == 1


async def test_an_order_that_is_not_paid_does_not_exist_yet_on_any_route(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    [paid] = await order_for(mine)
    [part] = await order_for(mine, is_paid=False)
    form = hidden_fields(await mara.get(page_of(paid))) | PARCEL | {"answer": "accept"}

    for method, path in OF_A_SUB_ORDER:
        data = form if method == "POST" else None
        answer = await mara.request(method, address(path, part, uuid4()), data=data)

        assert answer.status_code == 404, path
    assert await state_of(part) == "pending"


async def test_lists_hold_the_vendors_own_paid_orders_alone(
    mara: httpx.AsyncClient, mine: Vendor, theirs: Vendor
) -> None:
    [own, foreign] = await order_for(mine, theirs)
    [unpaid] = await order_for(mine, is_paid=False)

    page = (await mara.get("/portal/?tab=all")).text
    file = (await mara.get("/portal/orders.csv?tab=all")).text

    assert page_of(own) in page
    assert page_of(foreign) not in page
    assert page_of(unpaid) not in page
    assert file.count("M-1") == 1


async def test_who_is_not_signed_in_is_sent_to_sign_in_from_every_route(
    app: Starlette, mine: Vendor
) -> None:
    async with browser_for(app) as browser:
        for method, path in EVERY_ROUTE:
            answer = await browser.request(method, address(path, uuid4(), uuid4()))

            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/portal/sign-in"), path


async def test_who_signs_in_goes_on_to_the_page_they_wanted(app: Starlette, mine: Vendor) -> None:
    [part] = await order_for(mine)
    async with browser_for(app) as browser:
        turned_away = await browser.get(page_of(part))
        signed_in = await sign_in(browser, "mara@kiln.test", after=page_of(part))
        page = await browser.get(signed_in.headers["location"])

    assert turned_away.status_code == 303
    assert page.status_code == 200
    assert "M-1" in page.text


async def test_fulfilment_packs_and_does_not_see_the_money(
    tomas: httpx.AsyncClient, mine: Vendor
) -> None:
    [part] = await order_for(mine)
    line = await line_of(part)

    await post(tomas, part, "acceptance", answer="accept")
    await post(tomas, part, "shipments", **PARCEL, **{f"send-{line.id}": 3})
    balance = await tomas.get("/portal/balance")
    file = await tomas.get("/portal/balance.csv")

    assert await state_of(part) == "shipped"
    assert (balance.status_code, file.status_code) == (403, 403)
    assert "Your role does not allow you to see the money." in balance.text
    assert 'href="/portal/balance"' not in (await tomas.get("/portal/")).text
    assert "Commission" not in (await tomas.get(page_of(part))).text


async def test_a_vendor_never_reads_the_customers_address_for_mail(
    mara: httpx.AsyncClient, mine: Vendor
) -> None:
    [part] = await order_for(mine)

    pages = [
        await mara.get(path)
        for path in (page_of(part), "/portal/?tab=all", "/portal/orders.csv", "/portal/balance")
    ]

    assert "1 Kiln Lane" in pages[0].text
    assert not any("ana@example.com" in page.text for page in pages)


async def test_who_does_the_books_looks_at_an_order_and_does_nothing_about_it(
    app: Starlette, mine: Vendor
) -> None:
    [part] = await order_for(mine)
    await seat(mine, "fern@kiln.test", "Fern Adler", VendorRole.FINANCE, NOON)
    acceptance = {"answer": "accept", "version": "2", f"refuse-{(await line_of(part)).id}": "0"}

    async with browser_for(app) as fern:
        await sign_in(fern, "fern@kiln.test")
        page = await fern.get(page_of(part))
        token = hidden_fields(page)
        answers = [
            await fern.post(f"{page_of(part)}/{name}", data={**token, **PARCEL, **acceptance})
            for name in ("acceptance", "preparation", "cancellation")
        ]

    assert page.status_code == 200
    assert f'action="{page_of(part)}/acceptance"' not in page.text
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert await state_of(part) == "awaiting_acceptance"
