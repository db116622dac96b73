"""Whom the tracking page lets in, and what it keeps to itself."""

from uuid import uuid4

import httpx
import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.signing import sign_order
from marketplace.kit.transactions import transaction
from marketplace.orders.models import Order
from tests.back_office.conftest import SECRET
from tests.back_office.stories import counts, send, two_vendors
from tests.back_office.test_order_page import words_of
from tests.storefront_api.following import DELIVERED, link, receipt, token_of

pytestmark = pytest.mark.anyio


async def test_another_orders_parcel_is_as_unknown_as_one_that_never_was(
    browser: httpx.AsyncClient,
) -> None:
    mine, theirs = await two_vendors(), await two_vendors()
    await send(mine.mugs)
    parcel = await send(theirs.mugs)
    form = await token_of(browser, mine.order_id)

    other = await browser.post(receipt(mine.order_id, parcel), data=form)
    never = await browser.post(receipt(mine.order_id, uuid4()), data=form)

    assert (other.status_code, never.status_code) == (404, 404)
    assert words_of(other) == words_of(never)
    assert await counts(DELIVERED) == 0


async def test_a_broken_or_forged_link_leads_nowhere_and_tells_nothing(
    browser: httpx.AsyncClient,
) -> None:
    order = await two_vendors()
    token = sign_order(SECRET, order.order_id)
    body, signature = token.rsplit(".", 1)
    other_body = sign_order(SECRET, uuid4()).rsplit(".", 1)[0]
    broken = {
        "cut short": token[:-3],
        "no signature": body,
        "changed signature": f"{body}.{signature[::-1]}",
        "another order under this signature": f"{other_body}.{signature}",
        "another secret": sign_order("x" * 32, order.order_id),
        "no such order": sign_order(SECRET, uuid4()),
        "the bare id": str(order.order_id),
        "empty": "",
        "longer": f"{token}/more",
        "huge": "x" * 5000,
        "not text": "%00%ff",
    }

    for what, given in broken.items():
        page = await browser.get(f"/track/{given}")

        assert page.status_code == 404, what
        assert "This link leads nowhere" in page.text, what
        assert "M-1" not in page.text, what
        assert "Kiln" not in page.text, what
        assert page.headers["cache-control"] == "private, no-store", what


async def test_a_forged_link_confirms_nothing(browser: httpx.AsyncClient) -> None:
    order = await two_vendors()
    parcel = await send(order.mugs)
    form = await token_of(browser, order.order_id)
    forged = sign_order("x" * 32, order.order_id)

    answers = [
        await browser.post(f"/track/{forged}/shipments/{parcel}/receipt", data=form),
        await browser.post(receipt(order.order_id, parcel), data={}),
    ]

    assert [answer.status_code for answer in answers] == [404, 403]
    assert await counts(DELIVERED) == 0


async def test_the_page_keeps_the_customer_to_itself(browser: httpx.AsyncClient) -> None:
    order = await two_vendors()
    address = {
        "line1": "1 Kiln Lane", "line2": "Flat 7", "city": "Berlin", "postal_code": "10115",
        "country": "DE", "phone": "+49 30 1234",
    }  # fmt: skip
    async with transaction(SYSTEM):
        await Order.filter(id=order.order_id).update(address=address)

    page = await browser.get(link(order.order_id))

    for secret in ("Ana", "Pires", "example.com", "Kiln Lane", "Flat 7", "10115", "1234", "@"):
        assert secret not in page.text
    assert "It goes to Berlin, Germany." in page.text
    assert page.headers["cache-control"] == "private, no-store"
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert page.headers["referrer-policy"] == "same-origin"
    assert '<meta name="robots" content="noindex, nofollow">' in page.text
    assert "<script" not in page.text


async def test_a_refused_confirmation_loaded_again_shows_the_page(
    browser: httpx.AsyncClient,
) -> None:
    order = await two_vendors()

    answer = await browser.get(receipt(order.order_id, uuid4()))

    assert answer.status_code == 303
    assert answer.headers["location"] == link(order.order_id)
