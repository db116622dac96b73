"""What every answer carries, and what it says when something went wrong."""

import gzip
import logging
import re
from datetime import datetime

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from marketplace.kit.ids import new_id
from marketplace.kit.signing import sign_order
from marketplace_web.mounting import mount_public, web_middleware
from marketplace_web.settings import WebSettings
from tests.marketplace_web.conftest import PASSWORD, ManualClock, application, browser_for
from tests.marketplace_web.doors import sign_in, token_in

pytestmark = pytest.mark.anyio


async def test_pages_forbid_inline_code_frames_and_being_kept(browser: httpx.AsyncClient) -> None:
    headers = (await browser.get("/portal/sign-in")).headers

    assert "'unsafe-inline'" not in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers


async def test_production_insists_on_https(clock: ManualClock) -> None:
    app = application(WebSettings(secret_key="k" * 32, production=True), clock, [])
    async with browser_for(app, "https://souk.test") as browser:
        headers = (await browser.get("/portal/sign-in")).headers

    assert headers["strict-transport-security"].startswith("max-age=63072000")
    assert headers["set-cookie"].startswith("__Host-souk_visitor=")
    assert headers["set-cookie"].endswith("; Secure")


async def test_the_proxys_request_number_is_kept_unless_it_is_nonsense(
    browser: httpx.AsyncClient,
) -> None:
    kept = await browser.get("/portal/sign-in", headers={"X-Request-ID": "proxy-0001"})
    nonsense = await browser.get("/portal/sign-in", headers={"X-Request-ID": "<script>"})

    assert kept.headers["x-request-id"] == "proxy-0001"
    assert re.fullmatch("[0-9a-f]{32}", nonsense.headers["x-request-id"])


async def test_the_stylesheet_is_kept_for_a_year_under_the_digest_of_its_content(
    browser: httpx.AsyncClient,
) -> None:
    page = await browser.get("/portal/sign-in")
    address = re.search(r'href="(/static/souk-[0-9a-f]{12}\.css)"', page.text)
    assert address

    plain = await browser.get(address[1], headers={"Accept-Encoding": "identity"})
    packed = await browser.get(address[1], headers={"Accept-Encoding": "gzip"})

    assert plain.headers["content-type"].startswith("text/css")
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.text == packed.text
    assert packed.headers["content-encoding"] == "gzip"
    assert len(gzip.compress(plain.content)) < 10_000


@pytest.mark.parametrize(
    "address", ["/nowhere", "/static/souk.css", "/static/..%2ftokens.css", "/static/base.css"]
)
async def test_what_is_not_there_is_said_kindly(browser: httpx.AsyncClient, address: str) -> None:
    answer = await browser.get(address)

    assert answer.status_code == 404
    assert "This page is not here" in answer.text
    assert answer.headers["x-request-id"] in answer.text


async def test_a_program_gets_the_same_answer_as_json(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/nowhere", headers={"Accept": "application/json"})

    assert answer.status_code == 404
    assert answer.json()["code"] == "NOT_FOUND"


@pytest.mark.usefixtures("accounts")
async def test_a_bug_is_logged_with_its_number_and_shows_nothing_of_its_inside(
    browser: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    await sign_in(browser, "ingrid@nord.example", PASSWORD)

    with caplog.at_level(logging.ERROR):
        answer = await browser.get("/portal/broken")

    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "Something broke on our side" in answer.text
    assert answer.headers["x-request-id"] in caplog.text
    assert "hunter2" in caplog.text
    assert "content-security-policy" in answer.headers


async def test_the_log_of_what_failed_does_not_hold_the_token_that_opens_the_page(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    async def dead_clock() -> datetime:
        raise ConnectionRefusedError

    async def fail(request: Request) -> Response:
        raise RuntimeError

    web, routes = WebSettings(secret_key="k" * 32), [Route("/{token}", fail)]
    token = sign_order(web.secret_key, new_id(clock.moment))
    app = Starlette(
        routes=[
            mount_public("/track", routes, web=web, clock=clock),
            mount_public("/away", routes, web=web, clock=dead_clock),
        ],
        middleware=web_middleware(web),
    )
    async with browser_for(app) as browser:
        broken = await browser.get(f"/track/{token}")
        away = await browser.get(f"/away/{token}")

    assert (broken.status_code, away.status_code) == (500, 503)
    said = [record.getMessage() for record in caplog.records]
    assert said[0].startswith("GET /track/… failed")
    assert said[1].startswith("GET /away/… failed")
    assert token not in caplog.text


async def test_a_database_that_is_away_is_said_to_be_away(app: Starlette) -> None:
    async def dead_clock() -> None:
        raise ConnectionRefusedError

    app = application(WebSettings(secret_key="k" * 32), dead_clock, [])  # type: ignore[arg-type]
    async with browser_for(app) as browser:
        answer = await browser.get("/portal/sign-in")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "catching its breath" in answer.text


async def test_too_large_a_body_is_refused_before_it_is_read(browser: httpx.AsyncClient) -> None:
    token = token_in(await browser.get("/portal/sign-in"))

    answer = await browser.post(
        "/portal/sign-in", data={"csrf_token": token, "email": "x" * 300_000, "password": "x"}
    )

    assert answer.status_code == 413


async def test_light_or_dark_is_a_choice_that_works_without_a_script(
    browser: httpx.AsyncClient,
) -> None:
    chosen = await browser.post("/appearance", data={"theme": "dark", "back": "/portal/sign-in"})
    dark = await browser.get("/portal/sign-in")
    await browser.post("/appearance", data={"theme": "system", "back": "//evil.test"})
    again = await browser.get("/portal/sign-in")

    assert chosen.headers["location"] == "/portal/sign-in"
    assert 'data-theme="dark"' in dark.text
    assert "data-theme" not in again.text


async def test_nobody_elses_page_may_choose_how_ours_look(browser: httpx.AsyncClient) -> None:
    answer = await browser.post(
        "/appearance", data={"theme": "dark"}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert answer.status_code == 403
    assert "souk_theme" not in browser.cookies
