"""What a person does at the sign-in page, through HTTP alone."""

import re

import httpx


def token_in(page: httpx.Response) -> str:
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', page.text)
    assert found, page.text
    return found[1]


async def sign_in(
    browser: httpx.AsyncClient, email: str, password: str, *, face: str = "/portal", after: str = ""
) -> httpx.Response:
    page = await browser.get(f"{face}/sign-in", params={"next": after} if after else None)
    form = {"email": email, "password": password, "csrf_token": token_in(page)}
    return await browser.post(f"{face}/sign-in", data={**form, "next": after})
