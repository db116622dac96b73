"""A list of fifteen numbers, largest first, read in pages of six."""

import re

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from marketplace_web import paging
from marketplace_web.errors import exception_handlers
from marketplace_web.mounting import mount_public, web_middleware
from marketplace_web.settings import WebSettings
from tests.marketplace_web.conftest import ManualClock

pytestmark = pytest.mark.anyio

NUMBERS = list(range(15, 0, -1))


async def numbers(request: Request) -> Response:
    asked = paging.asked(request, size=6)
    if asked.before is not None:
        rows = sorted(n for n in NUMBERS if n > int(asked.before[0]))
    else:
        rows = [n for n in NUMBERS if asked.after is None or n < int(asked.after[0])]
    page = paging.page(request, rows[: asked.limit], asked, key=lambda n: (n,))
    return JSONResponse([page.rows, page.previous_cursor, page.next_cursor])


@pytest.fixture
def app(clock: ManualClock) -> Starlette:
    web = WebSettings(secret_key="k" * 32)
    routes = [Route("/numbers", numbers), Route("/others", numbers)]
    return Starlette(
        routes=[mount_public("/list", routes, web=web, clock=clock)],
        middleware=web_middleware(web),
        exception_handlers=exception_handlers,
    )


async def page_at(
    browser: httpx.AsyncClient, **cursor: str | None
) -> tuple[list[int], str | None, str | None]:
    rows, previous_cursor, next_cursor = (await browser.get("/list/numbers", params=cursor)).json()
    return rows, previous_cursor, next_cursor


async def test_pages_lead_to_the_end_and_back_without_losing_or_repeating_a_row(
    browser: httpx.AsyncClient,
) -> None:
    first, nothing_before, to_second = await page_at(browser)
    second, _, to_third = await page_at(browser, after=to_second)
    third, back_to_second, nothing_after = await page_at(browser, after=to_third)
    second_again, back_to_first, _ = await page_at(browser, before=back_to_second)
    first_again, still_nothing_before, _ = await page_at(browser, before=back_to_first)

    assert first + second + third == NUMBERS
    assert (nothing_before, nothing_after) == (None, None)
    assert (second_again, first_again, still_nothing_before) == (second, first, None)


async def test_an_invented_cursor_and_one_of_another_list_are_refused(
    browser: httpx.AsyncClient,
) -> None:
    _, _, cursor = await page_at(browser)

    assert cursor
    invented = await browser.get("/list/numbers", params={"after": cursor[:-1]})
    of_another_list = await browser.get("/list/others", params={"after": cursor})

    assert (invented.status_code, of_another_list.status_code) == (422, 422)
    assert re.search("not a page of this list", invented.text)
