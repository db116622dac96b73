"""People with a real Chromium: each in a context of their own, every page looked at."""

import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
WIDTHS = (390, 1280)
TOO_WIDE = "() => document.documentElement.scrollWidth > innerWidth"


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        assert os.environ.get("SOUK_REQUIRE_ALL") != "1", "Chromium is missing"
        pytest.skip("Chromium is not installed: the journey was not made")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


@dataclass
class Person:
    """One browser window; `complaints` is all that its console or our eyes found wrong."""

    page: Page
    pictures: Path
    complaints: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        self.complaints.append(f"{self.page.url} {message.type}: {message.text}")

    async def open(self, address: str) -> None:
        answer = await self.page.goto(address)
        assert answer is not None
        assert answer.status == 200, (answer.status, address)
        await self.look()

    async def press(self, button: str) -> None:
        """The first button of this name, and the page that it leads to."""
        async with self.page.expect_navigation():
            await self.page.get_by_role("button", name=button, exact=True).first.click()
        await self.look()

    async def follow(self, link: str) -> None:
        async with self.page.expect_navigation():
            await self.page.get_by_role("link", name=link, exact=True).first.click()
        await self.look()

    async def look(self) -> None:
        """At the page on a phone and on a desk; nothing sticks out of either."""
        title = re.sub(r"\W+", "-", await self.page.title()).strip("-")
        number = len(list(self.pictures.iterdir()))
        for width in WIDTHS:
            await self.page.set_viewport_size({"width": width, "height": 900})
            if await self.page.evaluate(TOO_WIDE):
                self.complaints.append(f"{self.page.url} is wider than {width} pixels")
            picture = self.pictures / f"{number:03d}-{title}-{width}.png"
            await self.page.screenshot(path=picture, full_page=True)

    async def sign_in(self, address: str, email: str, password: str) -> None:
        await self.open(address)
        await self.page.get_by_label("E-mail").fill(email)
        await self.page.get_by_label("Password").fill(password)
        await self.press("Sign in")

    async def text(self) -> str:
        """What stands on the page, spaces evened out."""
        return " ".join((await self.page.locator("main").inner_text()).split())


@asynccontextmanager
async def a_person(browser: Browser, pictures: Path) -> AsyncIterator[Person]:
    """Ends without a complaint of the browser's, or the test fails."""
    context = await browser.new_context(locale="en-GB", timezone_id="Europe/Berlin")
    person = Person(await context.new_page(), pictures)
    person.page.on("console", person.hear)
    person.page.on("pageerror", lambda error: person.complaints.append(str(error)))
    try:
        yield person
        assert not person.complaints, "\n".join(person.complaints)
    finally:
        await context.close()
