"""The back office with its three roles, signed in, and the tracking page, on a real database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import httpx
import pytest
from starlette.applications import Starlette

from back_office.face import FACE
from back_office.routes import routes
from marketplace.accounts import members
from marketplace.accounts.members import Person
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace_web.context import Clock
from marketplace_web.errors import exception_handlers
from marketplace_web.mounting import mount_face, mount_public, web_middleware, web_routes
from marketplace_web.settings import WebSettings
from settlement.connected.stripe_connect import StripeConnect
from storefront_api.tracking import tracking_routes
from tests.conftest import Database
from tests.factories import NOON
from tests.marketplace_web.conftest import PASSWORD, ManualClock, browser_for
from tests.marketplace_web.doors import sign_in
from vendor_portal import face as portal
from vendor_portal import routes as portal_routes

SECRET = "k" * 32
NOBODY = "http://127.0.0.1:9"
NAMES = {
    StaffRole.ADMINISTRATOR: "Ada Moreau",
    StaffRole.OPERATIONS: "Ola Nyman",
    StaffRole.SUPPORT: "Sam Idris",
    StaffRole.FINANCE_VIEWER: "Vera Lund",
    StaffRole.ACCOUNTANT: "Abe Castro",
    StaffRole.APPROVER: "Pia Renner",
}

SignedIn = Callable[[StaffRole], Awaitable[httpx.AsyncClient]]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
async def app(clock: ManualClock) -> AsyncIterator[Starlette]:
    """With a payment provider that does not answer."""
    app = marketplace(clock)
    app.state.connect_gateway = StripeConnect(api_key="sk_test_none", api_base=NOBODY)
    yield app
    await app.state.connect_gateway.close()


def marketplace(clock: Clock) -> Starlette:
    """Every face that people open, as the runtime mounts them."""
    web = WebSettings(secret_key=SECRET)
    return Starlette(
        routes=[
            mount_face(FACE, routes, web=web, clock=clock),
            mount_face(portal.FACE, portal_routes.routes, web=web, clock=clock),
            mount_public("/track", tracking_routes(secret_key=SECRET), web=web, clock=clock),
            *web_routes,
        ],
        middleware=web_middleware(web),
        exception_handlers=exception_handlers,
    )


async def hire(role: StaffRole) -> str:
    """One of the staff; gives the e-mail to sign in with."""
    email = f"{role}@souk.example"
    person = Person(email=email, name=NAMES[role], password=PASSWORD)
    await members.create_staff(person=person, roles=[role], principal=SYSTEM, now=NOON)
    return email


@pytest.fixture
async def signed_in(committed_db: Database, app: Starlette) -> AsyncIterator[SignedIn]:
    """Opens a browser for a new member of the staff with one role."""
    async with AsyncExitStack() as open_browsers:

        async def browser_of(role: StaffRole) -> httpx.AsyncClient:
            browser = await open_browsers.enter_async_context(browser_for(app))
            answer = await sign_in(browser, await hire(role), PASSWORD, face="/back-office")
            assert answer.headers["location"] == "/back-office/"
            return browser

        yield browser_of


@pytest.fixture
async def support(signed_in: SignedIn) -> httpx.AsyncClient:
    return await signed_in(StaffRole.SUPPORT)


@pytest.fixture
async def visitor(committed_db: Database, app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without a session."""
    async with browser_for(app) as browser:
        yield browser
