import httpx
import pytest

from tests.marketplace_web.conftest import PASSWORD
from tests.marketplace_web.doors import sign_in, token_in

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("accounts")]


@pytest.fixture
async def token(browser: httpx.AsyncClient) -> str:
    await sign_in(browser, "ingrid@nord.example", PASSWORD)
    return token_in(await browser.get("/portal/"))


async def test_a_form_of_our_own_page_is_let_through_whole(
    browser: httpx.AsyncClient, token: str, made: list[str]
) -> None:
    data = {"csrf_token": token, "name": "Tea glass"}

    answer = await browser.post("/portal/things", data=data)

    assert (answer.status_code, made) == (303, ["Tea glass"])
    assert "Made." in (await browser.get("/portal/")).text
    assert "Made." not in (await browser.get("/portal/")).text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "http://souk.test"},
    ],
)
async def test_a_form_of_another_site_changes_nothing_even_with_the_token(
    browser: httpx.AsyncClient, token: str, made: list[str], headers: dict[str, str]
) -> None:
    answer = await browser.post(
        "/portal/things", data={"csrf_token": token, "name": "x"}, headers=headers
    )

    assert (answer.status_code, made) == (403, [])
    assert "Nothing was changed" in answer.text


@pytest.mark.parametrize(
    ("origin", "status_code"),
    [
        ("http://souk.test", 303),
        ("http://evil.test", 403),
        ("http://souk.test.evil.test", 403),
        ("null", 403),
        (None, 403),
    ],
)
async def test_an_old_browser_is_judged_by_its_origin(
    browser: httpx.AsyncClient, token: str, origin: str | None, status_code: int
) -> None:
    del browser.headers["Sec-Fetch-Site"]

    answer = await browser.post(
        "/portal/things",
        data={"csrf_token": token, "name": "x"},
        headers={"Origin": origin} if origin else {},
    )

    assert answer.status_code == status_code


@pytest.mark.parametrize("forged", ["", "0" * 64, "é", None])
async def test_without_the_sessions_token_nothing_is_changed(
    browser: httpx.AsyncClient, token: str, made: list[str], forged: str | None
) -> None:
    data = {"name": "x"} if forged is None else {"name": "x", "csrf_token": forged}

    answer = await browser.post("/portal/things", data=data)

    assert (answer.status_code, made) == (403, [])


async def test_a_token_from_before_signing_in_is_worth_nothing_after(
    browser: httpx.AsyncClient, made: list[str]
) -> None:
    before = token_in(await browser.get("/portal/sign-in"))
    await sign_in(browser, "ingrid@nord.example", PASSWORD)

    answer = await browser.post("/portal/things", data={"csrf_token": before, "name": "x"})

    assert (answer.status_code, made) == (403, [])


async def test_a_body_that_is_not_a_form_is_refused(
    browser: httpx.AsyncClient, token: str, made: list[str]
) -> None:
    answer = await browser.post(
        "/portal/things",
        content=f"csrf_token={token}&name=x",
        headers={"Content-Type": "text/plain"},
    )

    assert (answer.status_code, made) == (403, [])


async def test_a_program_of_our_own_may_send_the_token_as_a_header(
    browser: httpx.AsyncClient, token: str, made: list[str]
) -> None:
    answer = await browser.post(
        "/portal/things", data={"name": "Rug"}, headers={"X-CSRF-Token": token}
    )

    assert (answer.status_code, made) == (303, ["Rug"])


async def test_a_form_with_files_is_checked_too(
    browser: httpx.AsyncClient, token: str, made: list[str]
) -> None:
    without = await browser.post("/portal/things", data={"name": "x"}, files={"a": b"1"})

    assert (without.status_code, made) == (403, [])


@pytest.mark.parametrize("field", ["csrf_token", "name"])
async def test_half_a_surrogate_pair_in_a_form_breaks_nothing(
    browser: httpx.AsyncClient, token: str, made: list[str], field: str
) -> None:
    half = "+2AA-"  # UTF-7 can spell it, and a form may say that it is written so
    values = {"csrf_token": token, "name": "Rug", field: half}
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in values.items()
    ]

    answer = await browser.post(
        "/portal/things",
        content="".join(parts) + "--x--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=x; charset=utf-7"},
    )

    expected = (403, []) if field == "csrf_token" else (303, ["?"])
    assert (answer.status_code, made) == expected
