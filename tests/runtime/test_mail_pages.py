from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from marketplace_runtime.mailbox import keeping
from marketplace_runtime.mailbox.pages import mail_routes
from marketplace_web.mounting import mount_public, web_middleware
from marketplace_web.settings import WebSettings

HOSTILE = (
    "From: a@example.com\r\nSubject: <script>alert(1)</script>\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<p>Hello</p><script>alert(2)</script>"
)


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    return tmp_path / "mail"


async def get(mail: Path, path: str) -> httpx.Response:
    async def clock() -> datetime:
        return datetime(2026, 11, 22, 12, tzinfo=UTC)

    web = WebSettings(secret_key="s" * 32)
    dev = mount_public("/dev", mail_routes(mail), web=web, clock=clock)
    app = Starlette(routes=[dev], middleware=web_middleware(web))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path)


pytestmark = pytest.mark.anyio


def caught(mail: Path, subject: str = "Your order", *, to: str = "ada@example.com") -> str:
    content = f"From: orders@souk.example\r\nSubject: {subject}\r\n\r\nTwo parcels.\r\n"
    return keeping.keep(mail, content.encode(), recipients=[to])


async def test_caught_mail_is_listed_with_the_newest_first(mail: Path) -> None:
    older, newer = caught(mail, "Your order"), caught(mail, "It is shipped")

    page = (await get(mail, "/dev/mail")).text

    assert page.index(f'href="/dev/mail/{newer}">It is shipped') < page.index(
        f'href="/dev/mail/{older}">Your order'
    )


async def test_the_list_can_be_one_persons_and_says_when_it_is_empty(mail: Path) -> None:
    caught(mail, "For Ada")

    assert "For Ada" in (await get(mail, "/dev/mail?to=ada@example.com")).text
    assert "No mail to bob@example.com" in (await get(mail, "/dev/mail?to=bob@example.com")).text


async def test_programs_read_it_as_json(mail: Path) -> None:
    caught(mail, "Your order")

    (message,) = (await get(mail, "/dev/mail.json?to=ada@example.com")).json()["messages"]

    assert message["subject"] == "Your order"
    assert message["recipients"] == ["ada@example.com"]
    assert message["text"] == "Two parcels.\n"


async def test_a_hostile_message_is_shown_where_it_can_do_nothing(mail: Path) -> None:
    name = keeping.keep(mail, HOSTILE.encode(), recipients=["ada@example.com"])

    page = await get(mail, f"/dev/mail/{name}")
    message = await get(mail, f"/dev/mail/{name}/html")

    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script>" not in page.text
    assert f'<iframe sandbox title="The message as HTML" src="/dev/mail/{name}/html"' in page.text
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    assert message.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert message.headers["x-frame-options"] == "SAMEORIGIN"


@pytest.mark.parametrize("path", ["/dev/mail/nothing", "/dev/mail/..%2Fsouk.lock/html"])
async def test_what_is_not_there_is_not_found(mail: Path, path: str) -> None:
    assert (await get(mail, path)).status_code == 404
