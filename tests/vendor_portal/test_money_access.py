"""Whose money it is, and who of a vendor sees it."""

import re

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from settlement.connected.stripe_connect import StripeConnect
from tests.marketplace_web.conftest import browser_for
from tests.vendor_portal.desks import hidden_fields, sign_in
from tests.vendor_portal.paid_shop import PaidShop
from vendor_portal.routes import portal_routes

pytestmark = pytest.mark.anyio


def doors() -> list[tuple[str, str]]:
    """Every route about money, with a thing of Kiln's in its address where it takes one."""
    connect = StripeConnect(api_key="sk_test_none", api_base="http://127.0.0.1:9")
    return [
        (method, f"/portal{route.path}")
        for route in portal_routes(connect=connect, base_url="")
        if isinstance(route, Route)
        and route.path.startswith(("/balance", "/payouts", "/statements", "/getting-paid"))
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


def filled(path: str, *, entry: str, payout: object, currency: str = "EUR") -> str:
    known = {
        "{entry_id:int}": entry, "{payout_id:uuid}": str(payout), "{ending}": "csv",
        "{currency}": currency, "{number:int}": "1",
    }  # fmt: skip
    for name, value in known.items():
        path = path.replace(name, value)
    return path


async def own_entry(owner: httpx.AsyncClient) -> str:
    page = (await owner.get("/portal/balance")).text
    [newest, *_] = re.findall(r"/portal/balance/entries/(\d+)", page)
    return str(newest)


async def test_another_vendors_money_does_not_exist_on_any_route(
    owner: httpx.AsyncClient, elin: httpx.AsyncClient, paid: PaidShop
) -> None:
    entry = await own_entry(owner)
    things = [path for method, path in doors() if "{" in path and "lines" not in path]

    for path in things:
        address = filled(path, entry=entry, payout=paid.failed.id)
        mine, theirs = await owner.get(address), await elin.get(address)

        assert (mine.status_code, theirs.status_code) == (200, 404), path
    assert len(things) == 4


async def test_lists_and_files_hold_the_vendors_own_alone(
    elin: httpx.AsyncClient, paid: PaidShop
) -> None:
    for path in (
        "/portal/balance", "/portal/balance.csv", "/portal/payouts", "/portal/payouts.csv",
        "/portal/statements", "/portal/statements/lines.csv", "/portal/getting-paid",
    ):  # fmt: skip
        answer = await elin.get(path)

        assert answer.status_code == 200, path
        assert "EUR" not in answer.text, path
        assert "3000" not in answer.text, path
        assert str(paid.failed.id) not in answer.text, path


async def test_fulfilment_sees_neither_way_nor_page(
    owner: httpx.AsyncClient, paid_app: Starlette, paid: PaidShop
) -> None:
    entry = await own_entry(owner)
    async with browser_for(paid_app) as tomas:
        await sign_in(tomas, "tomas@kiln.test")
        home = await tomas.get("/portal/?tab=all")
        form = hidden_fields(home)
        for method, path in doors():
            address = filled(path, entry=entry, payout=paid.failed.id)
            data = form if method == "POST" else None
            answer = await tomas.request(method, address, data=data)

            assert answer.status_code == 403, path
            assert "Your role does not allow you to see the money." in answer.text, path

    for way in ("balance", "payouts", "statements", "getting-paid"):
        assert f'href="/portal/{way}"' not in home.text


async def test_who_does_the_books_sees_all_of_it(paid_app: Starlette, paid: PaidShop) -> None:
    async with browser_for(paid_app) as fern:
        await sign_in(fern, "fern@kiln.test")
        for way in ("balance", "payouts", "statements", "getting-paid"):
            page = await fern.get(f"/portal/{way}")

            assert page.status_code == 200, way
            assert f'href="/portal/{way}" aria-current="page"' in page.text


async def test_who_is_not_signed_in_is_sent_to_sign_in(paid_app: Starlette, paid: PaidShop) -> None:
    async with browser_for(paid_app) as browser:
        for method, path in doors():
            address = filled(path, entry="1", payout=paid.failed.id)
            answer = await browser.request(method, address)

            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/portal/sign-in"), path
