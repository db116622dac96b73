"""Two vendors with people who can sign in, and the portal that they sign in to."""

from collections.abc import AsyncIterator
from datetime import datetime

import httpx
import pytest
from starlette.applications import Starlette

from marketplace.accounts import members
from marketplace.accounts.members import Person
from marketplace.accounts.models import Vendor
from marketplace.kit.principal import SYSTEM, VendorRole
from marketplace_web.errors import exception_handlers
from marketplace_web.mounting import mount_face, web_middleware, web_routes
from marketplace_web.settings import WebSettings
from tests.conftest import Database
from tests.factories import NOON, make_vendor
from tests.marketplace_web.conftest import ManualClock, browser_for
from tests.vendor_portal.desks import PASSWORD, sign_in
from vendor_portal.face import FACE
from vendor_portal.routes import routes


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def app(committed_db: Database, clock: ManualClock) -> Starlette:
    web = WebSettings(secret_key="k" * 32)
    return Starlette(
        routes=[mount_face(FACE, routes, web=web, clock=clock), *web_routes],
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


async def seat(vendor: Vendor, email: str, name: str, role: VendorRole, now: datetime) -> None:
    person = Person(email=email, name=name, password=PASSWORD)
    await members.add_member(
        vendor_id=vendor.id, person=person, role=role, principal=SYSTEM, now=now
    )
