"""The shared pages in a real Chromium: accessible, as wide as the screen, no script needed."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from axe_core_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from starlette.applications import Starlette

from tests.marketplace_web.conftest import PASSWORD

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("accounts")]

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip


# What sticks out of the screen, unless it scrolls in a box of its own.
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll("main *")]
        .filter(element => element.getBoundingClientRect().right > innerWidth)
        .filter(element => !element.closest(".tabs, .visually-hidden"))
        .map(element => "wider than the screen: " + element.outerHTML.slice(0, 120))
        .slice(-3)"""


@pytest.fixture
async def address(app: Starlette) -> AsyncIterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving


@pytest.fixture(scope="module")
async def chromium(anyio_backend: str) -> AsyncIterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        assert os.environ.get("SOUK_REQUIRE_ALL") != "1", "Chromium is missing"
        pytest.skip("Chromium is not installed: the pages were not looked at")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


async def sign_in_by_typing(page: Page, address: str) -> None:
    await page.goto(f"{address}/portal/kitchen-sink")
    await page.get_by_label("E-mail").fill("ingrid@nord.example")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()


async def faults_of(page: Page) -> list[str]:
    # Telling of everything that is well takes two thirds of the time.
    found = await Axe().run(page, options={"resultTypes": ["violations"]})
    faults = [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in found["violations"]]
    return [*faults, *await page.evaluate(TOO_WIDE)]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark"), (320, "light")])
async def test_every_piece_is_accessible_and_fits(
    address: str, chromium: Browser, width: int, scheme: str
) -> None:
    context = await open_context(chromium, width, scheme)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))

    await page.goto(f"{address}/portal/sign-in")
    on_sign_in = await faults_of(page)
    await sign_in_by_typing(page, address)
    on_kitchen_sink = await faults_of(page)

    assert await page.title() == "Everything · Vendor portal · Souk"
    assert (on_sign_in, on_kitchen_sink, complaints) == ([], [], [])
    assert await page.get_by_text("<script>alert(1)</script>").count() == 1
    await context.close()


async def test_signing_in_and_out_needs_no_script(address: str, chromium: Browser) -> None:
    context = await chromium.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 800}
    )
    page = await context.new_page()

    await sign_in_by_typing(page, address)
    await page.get_by_text("Menu", exact=True).click()
    await page.get_by_role("button", name="Sign out").click()

    assert page.url == f"{address}/portal/sign-in"
    assert await page.get_by_role("status").inner_text() == "You are signed out."
    await context.close()


async def test_an_error_page_is_accessible(address: str, chromium: Browser) -> None:
    context = await open_context(chromium, 390, "dark")
    page = await context.new_page()

    await page.goto(f"{address}/nowhere")

    assert await faults_of(page) == []
    await context.close()


async def open_context(chromium: Browser, width: int, scheme: str) -> BrowserContext:
    return await chromium.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
