"""What a customer changes on the tracking page, and by GraphQL."""

import re

import httpx
import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.signing import sign_order
from marketplace.kit.transactions import transaction
from marketplace.orders.models import Order, OrderLine
from marketplace.payments.models import Refund
from storefront_api.ids import Of, encode
from tests.back_office.stories import accept, two_vendors
from tests.factories import ADDRESS
from tests.storefront_api.following import link, read
from tests.storefront_api.shop import ADDRESS_INPUT, SECRET_KEY, Shop

pytestmark = pytest.mark.anyio
HIDDEN = re.compile(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">')


def hidden(answer: httpx.Response) -> dict[str, str]:
    return dict(HIDDEN.findall(answer.text))


async def refunded() -> list[int]:
    async with transaction(SYSTEM, read_only=True):
        return [refund.amount_minor for refund in await Refund.all().order_by("id")]


async def test_a_customer_looks_and_then_cancels_exactly_that(browser: httpx.AsyncClient) -> None:
    order = await two_vendors()
    address = f"{link(order.order_id)}/cancellation"
    chosen = {f"cancel-{order.mug.id}": "1", "words": "too many"}

    form = hidden(await browser.get(address)) | chosen
    looked = await browser.post(address, data=form | {"step": "look"})
    assert "You get back" in looked.text
    assert await refunded() == []
    sure = hidden(looked) | {"step": "cancel"}
    for _ in range(2):
        assert (await browser.post(address, data=sure)).status_code == 303

    [minor] = await refunded()
    assert f"€{minor / 100:.2f}" in looked.text
    assert "1 \N{MULTIPLICATION SIGN} Mug is cancelled" in await read(browser, order.order_id)


async def test_what_was_overtaken_is_shown_anew_and_not_done(browser: httpx.AsyncClient) -> None:
    order = await two_vendors()
    address = f"{link(order.order_id)}/cancellation"
    form = hidden(await browser.get(address)) | {f"cancel-{order.mug.id}": "1", "words": "x"}

    sure = hidden(await browser.post(address, data=form | {"step": "look"})) | {"step": "cancel"}
    answer = await browser.post(address, data=sure | {"refund": "1"})

    assert answer.status_code == 422
    assert "Look at it again" in answer.text
    assert await refunded() == []


async def test_the_address_is_corrected_until_a_seller_accepted(browser: httpx.AsyncClient) -> None:
    order = await two_vendors()
    address = f"{link(order.order_id)}/address"
    typed = {"line1": "2 Kiln Lane", "city": "Berlin", "postal_code": "10115", "name": ""}

    form = {"country": "DE"} | hidden(await browser.get(address)) | typed
    looked = await browser.post(address, data=form | {"step": "look"})
    assert "2 Kiln Lane" in looked.text
    assert "Ana Pires" not in looked.text
    saved = await browser.post(address, data=hidden(looked) | {"step": "save"})
    assert saved.status_code == 303
    await accept(order.mugs)
    late = await browser.post(address, data=form | {"step": "look", "line1": "3 Kiln Lane"})

    assert late.status_code == 422
    assert "cannot be changed any more" in late.text
    async with transaction(SYSTEM, read_only=True):
        stored = await Order.get(id=order.order_id)
    assert stored.address == {**ADDRESS, "line1": "2 Kiln Lane"}


async def test_nobody_changes_anything_by_a_broken_link(browser: httpx.AsyncClient) -> None:
    await two_vendors()

    for path in ("cancellation", "address"):
        assert (await browser.get(f"/track/{'x' * 40}/{path}")).status_code == 404


async def test_a_shop_previews_and_cancels_by_graphql(shop: Shop) -> None:
    order = await two_vendors()
    by = {"token": sign_order(SECRET_KEY, order.order_id)}
    async with transaction(SYSTEM, read_only=True):
        line = await OrderLine.get(id=order.mug.id)
    lines = [{"lineId": encode(Of.LINE, line.id), "quantity": 1}]

    seen = await shop.do("PreviewCancellation", order=by, lines=lines)
    wrong = await shop.do(
        "CancelOrder", order=by, lines=lines, refund={"amount": "0.01", "currency": "EUR"}, key="k"
    )
    money = {key: seen["refund"][key] for key in ("amount", "currency")}
    done = await shop.do("CancelOrder", order=by, lines=lines, refund=money, key="k")

    assert wrong["code"] == "REFUND_CHANGED"
    assert "CANCEL" in done["order"]["availableActions"]
    assert [f"{minor / 100:.2f}" for minor in await refunded()] == [seen["refund"]["amount"]]
    stranger = await shop.do("PreviewCancellation", order={"token": "x" * 40}, lines=lines)
    assert stranger["code"] == "NOT_FOUND"


async def test_a_shop_corrects_an_address_by_graphql(shop: Shop) -> None:
    order = await two_vendors()
    changed = ADDRESS_INPUT | {"line1": "9 Kiln Lane"}

    async def change() -> dict[str, object]:
        answer: dict[str, object] = await shop.do(
            "ChangeAddress",
            order={"token": sign_order(SECRET_KEY, order.order_id)},
            address=changed,
            version=1,
        )
        return answer

    assert (await change())["order"] == {"version": 2}
    assert (await change())["code"] == "STALE_VERSION"
