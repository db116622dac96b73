import asyncio
import re

import httpx
import pytest
from starlette.applications import Starlette

from marketplace.accounts.signing_in import wait_after
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace_web.settings import WebSettings
from tests.marketplace_web.conftest import PASSWORD, ManualClock, application, browser_for
from tests.marketplace_web.doors import sign_in, token_in

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("accounts")]

INGRID = "ingrid@nord.example"


async def test_a_vendors_member_signs_in_and_is_known_on_the_next_page(
    browser: httpx.AsyncClient,
) -> None:
    answer = await sign_in(browser, " Ingrid@Nord.example ", PASSWORD)

    assert (answer.status_code, answer.headers["location"]) == (303, "/portal/")
    assert (await browser.get("/portal/whoami")).text.startswith("vendor:")


async def test_who_is_not_signed_in_goes_to_sign_in_and_then_where_they_wanted(
    browser: httpx.AsyncClient,
) -> None:
    turned_away = await browser.get("/portal/whoami?tab=late")
    answer = await sign_in(browser, INGRID, PASSWORD, after="/portal/whoami?tab=late")

    assert turned_away.status_code == 303
    assert turned_away.headers["location"] == "/portal/sign-in?next=%2Fportal%2Fwhoami%3Ftab%3Dlate"
    assert answer.headers["location"] == "/portal/whoami?tab=late"


@pytest.mark.parametrize("elsewhere", ["https://evil.test/", "//evil.test", "/\\evil.test", "evil"])
async def test_signing_in_never_leads_to_another_host(
    browser: httpx.AsyncClient, elsewhere: str
) -> None:
    answer = await sign_in(browser, INGRID, PASSWORD, after=elsewhere)

    assert answer.headers["location"] == "/portal/"


async def test_unknown_address_wrong_password_and_wrong_face_get_one_answer(
    app: Starlette,
) -> None:
    answers = []
    for email, password in [
        ("nobody@nord.example", PASSWORD),
        (INGRID, "wrong password"),
        ("omar@souk.example", PASSWORD),
    ]:
        async with browser_for(app) as browser:
            answer = await sign_in(browser, email, password)
            assert "souk_portal" not in browser.cookies
            answers.append((answer.status_code, without_what_varies(answer.text, email)))

    assert answers[0][0] == 422
    assert "do not belong together" in answers[0][1]
    assert answers == [answers[0]] * 3


def without_what_varies(page: str, email: str) -> str:
    return re.sub(r'value="[0-9a-f-]{36,64}"', "", page.replace(email, ""))


async def test_the_session_of_one_face_opens_no_other(browser: httpx.AsyncClient) -> None:
    await sign_in(browser, INGRID, PASSWORD)
    browser.cookies.set("souk_back_office", browser.cookies["souk_portal"])

    answer = await browser.get("/office/whoami")

    assert answer.headers["location"].startswith("/office/sign-in")


async def test_the_sixth_attempt_in_a_row_has_to_wait_even_with_the_right_password(
    browser: httpx.AsyncClient, clock: ManualClock
) -> None:
    for _ in range(5):
        assert (await sign_in(browser, INGRID, "wrong password")).status_code == 422

    slowed = await sign_in(browser, INGRID, PASSWORD)
    clock.passes(seconds=31)
    later = await sign_in(browser, INGRID, PASSWORD)

    assert (slowed.status_code, slowed.headers["retry-after"]) == (429, "30")
    assert "Please wait 30 seconds" in slowed.text
    assert later.status_code == 303


async def test_guesses_made_at_once_count_one_by_one(app: Starlette) -> None:
    async with browser_for(app) as browser:
        page = await browser.get("/portal/sign-in")
        form = {"email": INGRID, "password": "wrong password", "csrf_token": token_in(page)}
        answers = await asyncio.gather(
            *(browser.post("/portal/sign-in", data=form) for _ in range(12))
        )

    assert sorted(answer.status_code for answer in answers) == [422] * 5 + [429] * 7


def test_each_failure_doubles_the_wait_up_to_a_quarter_of_an_hour() -> None:
    waits = [wait_after(failures).total_seconds() for failures in (4, 5, 6, 7, 10, 500)]

    assert waits == [0, 30, 60, 120, 900, 900]


async def test_signing_in_again_changes_the_session_and_ends_the_one_before(
    browser: httpx.AsyncClient, app: Starlette
) -> None:
    await sign_in(browser, INGRID, PASSWORD)
    first = browser.cookies["souk_portal"]
    token = token_in(await browser.get("/portal/"))

    form = {"email": INGRID, "password": PASSWORD, "csrf_token": token}
    await browser.post("/portal/sign-in", data=form)

    assert browser.cookies["souk_portal"] != first
    async with browser_for(app) as holder_of_the_first:
        holder_of_the_first.cookies.set("souk_portal", first)
        assert (await holder_of_the_first.get("/portal/whoami")).status_code == 303


async def test_a_session_planted_before_sign_in_is_not_the_one_that_is_opened(
    app: Starlette,
) -> None:
    async with browser_for(app) as browser:
        browser.cookies.set("souk_portal", "planted", domain="souk.test")
        await sign_in(browser, INGRID, PASSWORD)

        assert browser.cookies["souk_portal"] != "planted"


async def test_signing_out_ends_the_session_for_whoever_copied_it(
    browser: httpx.AsyncClient, app: Starlette
) -> None:
    await sign_in(browser, INGRID, PASSWORD)
    copied = browser.cookies["souk_portal"]
    token = token_in(await browser.get("/portal/"))

    answer = await browser.post("/portal/sign-out", data={"csrf_token": token})

    assert answer.headers["location"] == "/portal/sign-in"
    assert "You are signed out." in (await browser.get("/portal/sign-in")).text
    async with browser_for(app) as thief:
        thief.cookies.set("souk_portal", copied)
        assert (await thief.get("/portal/whoami")).status_code == 303


async def test_a_session_ends_after_thirty_idle_minutes(
    browser: httpx.AsyncClient, clock: ManualClock
) -> None:
    await sign_in(browser, INGRID, PASSWORD)

    clock.passes(minutes=29)
    busy = await browser.get("/portal/whoami")
    clock.passes(minutes=29)
    still_busy = await browser.get("/portal/whoami")
    clock.passes(minutes=31)
    idle = await browser.get("/portal/whoami")

    assert [busy.status_code, still_busy.status_code, idle.status_code] == [200, 200, 303]


async def test_a_session_ends_after_twelve_hours_however_busy(
    browser: httpx.AsyncClient, clock: ManualClock
) -> None:
    await sign_in(browser, INGRID, PASSWORD)
    for _ in range(35):
        clock.passes(minutes=20)
        assert (await browser.get("/portal/whoami")).status_code == 200

    clock.passes(minutes=20)

    assert (await browser.get("/portal/whoami")).status_code == 303


async def test_who_loses_the_seat_loses_the_session(browser: httpx.AsyncClient) -> None:
    await sign_in(browser, INGRID, PASSWORD)

    async with transaction(SYSTEM) as connection:
        await connection.execute("DELETE FROM vendor_member")

    assert (await browser.get("/portal/whoami")).status_code == 303


async def test_the_database_knows_no_token_and_no_password(browser: httpx.AsyncClient) -> None:
    await sign_in(browser, INGRID, PASSWORD)

    async with transaction(SYSTEM) as connection:
        sessions = str(await connection.fetch("SELECT * FROM session"))
        users = str(await connection.fetch("SELECT * FROM app_user"))

    assert browser.cookies["souk_portal"] not in sessions
    assert PASSWORD not in users
    assert users.count("$argon2id$") == 2


async def test_in_production_the_cookie_is_bound_to_this_host_over_https(
    clock: ManualClock,
) -> None:
    app = application(WebSettings(secret_key="k" * 32, production=True), clock, [])
    async with browser_for(app, "https://souk.test") as browser:
        answer = await sign_in(browser, INGRID, PASSWORD)

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-souk_portal=")
    for attribute in ("HttpOnly", "Path=/", "SameSite=lax", "Secure"):
        assert attribute in cookie
    assert "Domain" not in cookie
