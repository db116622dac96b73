"""A finance person's hands: open a page, fill in one of its forms, send it."""

import re
from html import unescape
from uuid import uuid4

import httpx

from tests.marketplace_web.doors import token_in

FINANCE = "/back-office/finance"


def tokens(page: httpx.Response) -> dict[str, str]:
    return {"csrf_token": token_in(page), "form_token": str(uuid4())}


async def send(
    browser: httpx.AsyncClient, action: str, *, page: str = "", **typed: object
) -> httpx.Response:
    """The form at `action`, as the page shows it; its hidden fields go with it."""
    opened = await browser.get(page or action.rsplit("/", 1)[0])
    hidden = hidden_in(opened, action)
    form = {**tokens(opened), **hidden, **{name: str(value) for name, value in typed.items()}}
    return await browser.post(action, data=form)


def hidden_in(page: httpx.Response, action: str) -> dict[str, str]:
    """What the form at this address carries unseen; nothing where the page has no such form."""
    found = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page.text, re.S)
    if found is None:
        return {}
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', found[0]))


async def said(browser: httpx.AsyncClient, answer: httpx.Response) -> str:
    """The page that a form led to, with its notice, though others were opened since."""
    assert answer.status_code == 303, answer.text
    browser.cookies.update(answer.cookies)
    return unescape((await browser.get(answer.headers["location"])).text)


def offers(page: httpx.Response | str, action: str) -> bool:
    """Whether the page has a form that is sent there."""
    text = page if isinstance(page, str) else page.text
    return f'action="{action}"' in text
