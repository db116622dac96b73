"""To the payment provider and back, against the sandbox over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from marketplace.accounts.models import Vendor
from marketplace.kit import clock
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from settlement.connected.models import AccountState, ConnectedAccount
from settlement.terms.models import Schedule
from tests.conftest import Database
from tests.marketplace_web.conftest import browser_for
from tests.payments.world import OVER_HTTP, World, a_world
from tests.payouts.terms import agree
from tests.vendor_portal.conftest import portal
from tests.vendor_portal.desks import hidden_fields, sign_in
from vendor_portal.routes import portal_routes
from vendor_portal.terms_words import asked_for, schedule_in_words

pytestmark = OVER_HTTP

PAGE = "/portal/getting-paid"
BASE = "http://souk.test"


@pytest.fixture
async def world(committed_db: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path) as world:
        yield world


@pytest.fixture
async def browser(world: World, mine: Vendor) -> AsyncIterator[httpx.AsyncClient]:
    """Mara's, at a portal that reaches the sandbox."""
    app: Starlette = portal(portal_routes(connect=world.connect, base_url=BASE), clock.now)
    async with browser_for(app) as browser:
        await sign_in(browser, "mara@kiln.test")
        yield browser


async def open_account(browser: httpx.AsyncClient) -> httpx.Response:
    return await browser.post(f"{PAGE}/account", data=hidden_fields(await browser.get(PAGE)))


async def accounts() -> list[ConnectedAccount]:
    async with transaction(SYSTEM, read_only=True):
        return await ConnectedAccount.all()


async def test_a_vendor_opens_its_account_answers_and_comes_back_ready(
    browser: httpx.AsyncClient, world: World, mine: Vendor
) -> None:
    before = await browser.get(PAGE)
    opened = [await open_account(browser) for _ in range(2)]
    waiting = await browser.get(PAGE)
    left = await browser.get(f"{PAGE}/provider")
    answered = await world.sandbox.http.post(
        urlsplit(left.headers["location"]).path, data={"outcome": "complete"}
    )
    back = await browser.get(urlsplit(answered.headers["location"]).path)
    ready = await browser.get(PAGE)

    assert "Set up payouts" in before.text
    assert [answer.status_code for answer in opened] == [303, 303]
    assert "Waits for you" in waiting.text
    assert "It still asks for" in waiting.text
    assert answered.headers["location"] == f"{BASE}{PAGE}/return"
    assert (left.status_code, back.status_code) == (303, 303)
    assert "All done: we can pay you." in ready.text
    [account] = await accounts()
    assert account.state is AccountState.ENABLED
    assert f"****{account.bank_last4}" in ready.text


async def test_who_comes_back_without_answers_is_told_what_is_missing(
    browser: httpx.AsyncClient, world: World
) -> None:
    await open_account(browser)

    await browser.get(f"{PAGE}/return")
    page = (await browser.get(PAGE)).text

    assert "Welcome back." in page
    assert "Your bank account</li>" in page


async def test_there_is_no_way_to_the_provider_before_the_account(
    browser: httpx.AsyncClient, mine: Vendor
) -> None:
    for way in ("provider", "return", "account"):
        answer = await browser.get(f"{PAGE}/{way}")

        assert (answer.status_code, answer.headers["location"]) == (303, PAGE), way
    assert await accounts() == []


async def test_the_terms_in_force_stand_there_in_words(
    browser: httpx.AsyncClient, mine: Vendor
) -> None:
    async with transaction(SYSTEM):
        await agree(
            mine.id, maturity_days=1, reserve_bps=1250, reserve_days=45, minimums={"EUR": 20_00},
            schedule=Schedule.MONTH_DAYS, schedule_days=[1, 15], bank_cooling_days=0,
            at=(await clock.now()),
        )  # fmt: skip

    page = (await browser.get(PAGE)).text

    for words in (
        "1 working day after delivery",
        "12.5 % of each earning is kept for 45 days, for refunds.",
        "On the 1st and 15th of the month",
        "20.00 EUR",
        "Paid to at once.",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("schedule", "days", "words"),
    [
        (Schedule.DAILY, [], "Every day."),
        (Schedule.WEEKLY, [1, 4], "Every Monday and Thursday."),
        (Schedule.ON_DEMAND, [], "Whenever you ask."),
    ],
)
def test_schedules_are_said_in_words(schedule: Schedule, days: list[int], words: str) -> None:
    assert schedule_in_words(schedule, days) == words


def test_what_the_provider_asks_for_is_said_once_and_in_words() -> None:
    asked = ["individual.dob.day", "individual.dob.year", "external_account", "company.odd_thing"]

    assert asked_for(asked) == ["Date of birth", "Your bank account", "Company: odd thing"]


async def test_a_provider_that_does_not_answer_is_said_and_nothing_is_lost(
    paid_app: Starlette, owner: httpx.AsyncClient
) -> None:
    for way in ("provider", "return"):
        answer = await owner.get(f"{PAGE}/{way}")

        assert (answer.status_code, answer.headers["location"]) == (303, PAGE), way
        assert "does not answer just now" in (await owner.get(PAGE)).text, way
