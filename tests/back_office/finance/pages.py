"""What a browser does with the forms of the finance pages."""

import re

import httpx

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


async def post(
    browser: httpx.AsyncClient,
    address: str,
    *,
    files: dict[str, tuple[str, bytes]] | None = None,
    **typed: str,
) -> httpx.Response:
    """Send a form as the page that has it would."""
    page = await browser.get("/back-office/finance")
    token = _TOKEN.search(page.text)
    assert token is not None, page.text
    return await browser.post(address, data={"csrf_token": token[1], **typed}, files=files)
