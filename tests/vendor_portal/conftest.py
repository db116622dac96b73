"""Two vendors with people who can sign in, and the portal that they sign in to."""

from collections.abc import AsyncIterator, Sequence

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from marketplace.accounts.models import Vendor
from marketplace.kit.principal import SYSTEM, VendorRole
from marketplace.kit.transactions import transaction
from marketplace_runtime.embedded.services import RunningServices
from marketplace_runtime.orm import connected
from marketplace_web.context import Clock
from marketplace_web.errors import exception_handlers
from marketplace_web.mounting import mount_face, web_middleware, web_routes
from marketplace_web.settings import WebSettings
from settlement.connected.stripe_connect import StripeConnect
from tests.conftest import Database
from tests.factories import NOON, make_vendor
from tests.marketplace_web.conftest import ManualClock, browser_for
from tests.vendor_portal.desks import seat, sign_in
from tests.vendor_portal.paid_shop import TODAY, PaidShop, paid_shop
from vendor_portal.face import FACE
from vendor_portal.routes import portal_routes, routes

SHOP = "souk_portal"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def app(committed_db: Database, clock: ManualClock) -> Starlette:
    return portal(routes, clock)


def portal(pages: Sequence[BaseRoute], clock: Clock) -> Starlette:
    """These pages, as the runtime mounts them."""
    web = WebSettings(secret_key="k" * 32)
    return Starlette(
        routes=[mount_face(FACE, pages, web=web, clock=clock), *web_routes],
        middleware=web_middleware(web),
        exception_handlers=exception_handlers,
    )


@pytest.fixture
async def mine(committed_db: Database) -> Vendor:
    """Kiln & Co: Mara owns it, Tomas packs."""
    vendor = await make_vendor(name="Kiln & Co")
    await seat(vendor, "mara@kiln.test", "Mara Vogt", VendorRole.OWNER, NOON)
    await seat(vendor, "tomas@kiln.test", "Tomas Roth", VendorRole.FULFILMENT, NOON)
    return vendor


@pytest.fixture
async def theirs(committed_db: Database) -> Vendor:
    vendor = await make_vendor(name="Norra Textil")
    await seat(vendor, "elin@norra.test", "Elin Berg", VendorRole.OWNER, NOON)
    return vendor


@pytest.fixture
async def mara(app: Starlette, mine: Vendor) -> AsyncIterator[httpx.AsyncClient]:
    """The owner's browser, signed in."""
    async with browser_for(app) as browser:
        await sign_in(browser, "mara@kiln.test")
        yield browser


@pytest.fixture
async def tomas(app: Starlette, mine: Vendor) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of somebody who packs, signed in."""
    async with browser_for(app) as browser:
        await sign_in(browser, "tomas@kiln.test")
        yield browser


@pytest.fixture(scope="session")
async def shop_database(services: RunningServices, template: Database) -> tuple[str, PaidShop]:
    """Built once; what a test changes in it is its sessions alone."""
    services.ensure_database(SHOP, template=template.name)
    url = template.url.replace(template.name, SHOP)
    async with connected(url), transaction(SYSTEM):
        return url, await paid_shop()


@pytest.fixture
async def paid(shop_database: tuple[str, PaidShop]) -> AsyncIterator[PaidShop]:
    url, shop = shop_database
    async with connected(url):
        yield shop


@pytest.fixture
async def paid_app(paid: PaidShop) -> AsyncIterator[Starlette]:
    """Its portal; no payment provider answers there."""
    connect = StripeConnect(api_key="sk_test_none", api_base="http://127.0.0.1:9")
    pages = portal_routes(connect=connect, base_url="http://souk.test")
    yield portal(pages, ManualClock(TODAY))
    await connect.close()


@pytest.fixture
async def owner(paid_app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """Mara's browser, of Kiln & Co."""
    async with browser_for(paid_app) as browser:
        await sign_in(browser, "mara@kiln.test")
        yield browser


@pytest.fixture
async def elin(paid_app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of Étoile's owner, beside hers."""
    async with browser_for(paid_app) as browser:
        await sign_in(browser, "elin@norra.test")
        yield browser
