"""What a browser does with the forms of the finance pages."""

import httpx

from tests.marketplace_web.doors import token_in


async def post(browser: httpx.AsyncClient, address: str, **typed: str) -> httpx.Response:
    """Send a form as the page that has it would."""
    return await browser.post(address, data={"csrf_token": await _token(browser), **typed})


async def send_file(
    browser: httpx.AsyncClient, address: str, file: tuple[str, bytes], **typed: str
) -> httpx.Response:
    data = {"csrf_token": await _token(browser), **typed}
    return await browser.post(address, data=data, files={"file": file})


async def _token(browser: httpx.AsyncClient) -> str:
    return token_in(await browser.get("/back-office/finance"))
