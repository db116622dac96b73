"""Two people who can sign in, and small faces to try the shared pages with."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from marketplace.accounts import members
from marketplace.accounts.members import Person
from marketplace.accounts.sessions import Audience
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace_web.errors import exception_handlers
from marketplace_web.faces import Face, NavigationItem
from marketplace_web.flashing import see_other
from marketplace_web.forms import Form
from marketplace_web.mounting import mount_face, web_middleware, web_routes
from marketplace_web.rendering import render
from marketplace_web.sessions import principal_of
from marketplace_web.settings import WebSettings
from tests.conftest import Database
from tests.marketplace_web.kitchen_sink import kitchen_sink

PASSWORD = "correct horse"
HERE = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}

PORTAL = Face(
    audience=Audience.PORTAL,
    title="Vendor portal",
    prefix="/portal",
    home="/portal/",
    navigation=(NavigationItem("work", "To do", "/portal/"),),
)
BACK_OFFICE = Face(
    audience=Audience.BACK_OFFICE, title="Back office", prefix="/office", home="/office/"
)


@dataclass
class ManualClock:
    """Stands still until it is moved."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 11, 22, 10, tzinfo=UTC))

    async def __call__(self) -> datetime:
        return self.moment

    def passes(self, **span: float) -> None:
        self.moment += timedelta(**span)


@pytest.fixture
async def accounts(committed_db: Database, clock: ManualClock) -> None:
    """One vendor's owner and one of the staff, committed."""
    ingrid = Person(email="ingrid@nord.example", name="Ingrid Solberg", password=PASSWORD)
    omar = Person(email="omar@souk.example", name="Omar Haddad", password=PASSWORD)
    await members.create_vendor(
        code="nord",
        name="Atelier Nord",
        email="orders@nord.example",
        country="NO",
        time_zone="Europe/Oslo",
        owner=ingrid,
        principal=SYSTEM,
        now=clock.moment,
    )
    await members.create_staff(
        person=omar, roles=[StaffRole.SUPPORT], principal=SYSTEM, now=clock.moment
    )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def made() -> list[str]:
    """What the test face's one form has made."""
    return []


@pytest.fixture
def app(clock: ManualClock, made: list[str]) -> Starlette:
    return application(WebSettings(secret_key="k" * 32), clock, made)


@pytest.fixture
async def browser(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_for(app) as client:
        yield client


def browser_for(app: Starlette, base_url: str = "http://souk.test") -> httpx.AsyncClient:
    """Keeps cookies and says where it comes from, as a browser does."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url=base_url, headers=HERE
    )


def application(web: WebSettings, clock: ManualClock, made: list[str]) -> Starlette:
    async def show(request: Request) -> Response:
        form = Form.blank(name="tea glass")
        return render(request, "sign_in/sign_in.html", form=form)

    async def whoami(request: Request) -> Response:
        return PlainTextResponse(principal_of(request).key)

    async def create(request: Request) -> Response:
        form = await Form.read(request)
        made.append(form.text("name"))
        return see_other(request, "/portal/", notice="Made.")

    async def fail(request: Request) -> Response:
        raise RuntimeError("postgres://user:hunter2@db")

    pages = [
        Route("/", show),
        Route("/whoami", whoami),
        Route("/things", create, methods=["POST"]),
        Route("/broken", fail),
        Route("/kitchen-sink", kitchen_sink),
    ]
    return Starlette(
        routes=[
            mount_face(PORTAL, pages, web=web, clock=clock),
            mount_face(BACK_OFFICE, pages, web=web, clock=clock),
            *web_routes,
        ],
        middleware=web_middleware(web),
        exception_handlers=exception_handlers,
    )
