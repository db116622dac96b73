"""What nobody should send, sent to a running marketplace: a clear refusal, and nothing changed."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from marketplace_runtime.seeding.demo import PASSWORD
from storefront_api.ids import Of, encode
from tests.faults.fingerprints import nothing_changes
from tests.faults.member import Member
from tests.faults.sales import Sale, a_sale
from tests.faults.shoppers import fill_cart
from tests.journeys.buying import Shop, all_offers, offer_of
from tests.journeys.following import books_agree
from tests.journeys.running import Marketplace

pytestmark = pytest.mark.anyio

WEBHOOKS = "/webhooks/stripe"
KEPT = "SELECT payload FROM provider_event ORDER BY id DESC LIMIT 1"
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
TOO_MANY = """
    mutation ($quantity: Int!) {
        cartSetLine(input: {token: "a", offerId: "b", quantity: $quantity}) { __typename }
    }
"""


@pytest.fixture
async def sale(souk: Marketplace, shop: Shop) -> Sale:
    return await a_sale(souk, shop)


@pytest.fixture
async def rui(souk: Marketplace) -> AsyncIterator[Member]:
    """The owner of Oliveira & Filhos."""
    async with httpx.AsyncClient(base_url=souk.address, trust_env=False, timeout=30) as http:
        member = Member(http)
        await member.sign_in("/portal", "rui@oliveira.example", PASSWORD)
        yield member


def signed(body: bytes, secret: str, at: int) -> str:
    """As Stripe signs: HMAC-SHA256 over the time and the raw body."""
    seal = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={seal}"


async def an_event(souk: Marketplace) -> bytes:
    """One that Stripe has sent before."""
    async with nothing_changes(souk):
        return str(await souk.value(KEPT)).encode()


async def test_a_webhook_that_stripe_did_not_sign_is_refused(
    souk: Marketplace, shop: Shop, sale: Sale
) -> None:
    body = await an_event(souk)
    secret = souk.settings["SOUK_STRIPE_WEBHOOK_SECRET"]
    now = int(time.time())
    forged = {
        "by another secret": signed(body, "whsec_guessed", now),
        "of another body": signed(body + b" ", secret, now),
        "without a time": signed(body, secret, now).partition(",")[2],
        "not at all": "",
        "an hour ago": signed(body, secret, now - 3600),
    }

    async with nothing_changes(souk):
        answers = {
            how: await shop.http.post(
                WEBHOOKS, content=body, headers={"Stripe-Signature": signature}
            )
            for how, signature in forged.items()
        }

    assert {how: answer.status_code for how, answer in answers.items()} == dict.fromkeys(
        forged, 400
    )
    assert all(answer.json()["error"]["message"] for answer in answers.values())


async def test_a_replayed_webhook_is_thanked_for_and_has_no_effect(
    souk: Marketplace, shop: Shop, sale: Sale
) -> None:
    body = await an_event(souk)
    signature = signed(body, souk.settings["SOUK_STRIPE_WEBHOOK_SECRET"], int(time.time()))

    async with nothing_changes(souk):
        answers = [
            await shop.http.post(WEBHOOKS, content=body, headers={"Stripe-Signature": signature})
            for _ in range(3)
        ]

    assert [(answer.status_code, answer.json()["replayed"]) for answer in answers] == [
        (200, True)
    ] * 3
    await books_agree(souk)


async def test_quantities_and_ids_that_cannot_be_are_refused(souk: Marketplace, shop: Shop) -> None:
    offers = await all_offers(shop)
    mug = next(offer.id for offer in offers if offer.product == "Stoneware mug")
    in_dollars = next(iter({o.id for o in await all_offers(shop, channel="us")}))
    cart = await fill_cart(shop, {mug: 1}, email="typo@example.com")

    async def refused(offer: str, quantity: int) -> str:
        answer = await shop.do("SetLine", token=cart, offer=offer, quantity=quantity)
        assert answer["message"]
        return str(answer["code"])

    async with nothing_changes(souk):
        codes = [
            await refused(mug, -1),
            await refused(mug, 1000),
            await refused(mug, 2**31 - 1),
            await refused(encode(Of.OFFER, uuid4()), 1),
            await refused("nonsense", 1),
            await refused(encode(Of.PRODUCT, uuid4()), 1),
            await refused("", 1),
            await refused(in_dollars, 1),
        ]
        too_large = await shop.post(TOO_MANY, {"quantity": 2**40})
        strange_node = (await shop.post(NODE, {"id": "nonsense"})).json()
        nowhere = await shop.do("ShowCart", token="no such cart")

    assert codes == [
        *["INVALID_INPUT"] * 3, "UNKNOWN_OFFER", *["INVALID_INPUT"] * 3, "CURRENCY_MISMATCH",
    ]  # fmt: skip
    assert "32-bit" in json.dumps(too_large.json()["errors"])
    assert strange_node["errors"][0]["extensions"]["code"] == "INVALID_INPUT"
    assert nowhere["code"] == "NOT_FOUND"


async def test_a_key_used_for_something_else_is_refused(souk: Marketplace, shop: Shop) -> None:
    salt = await offer_of(shop, "Oliveira & Filhos", "Sea salt")
    account = Shop(shop.http)
    email = f"account-{uuid4().hex[:8]}@example.com"
    registered = await shop.do("Register", email=email, name="Ana", password="correct horse")
    account.session = registered["token"]
    first, second = [await fill_cart(account, {salt: 1}, email=email) for _ in range(2)]
    placed = await account.do("PlaceOrder", cart=first, key="mine")

    async with nothing_changes(souk):
        again = await account.do("PlaceOrder", cart=first, key="mine")
        other_cart = await account.do("PlaceOrder", cart=second, key="mine")
        other_total = await account.do(
            "PlaceOrder", cart=first, key="mine", expected={"amount": "1.00", "currency": "EUR"}
        )
        other_key = await account.do("PlaceOrder", cart=first, key="another")

    assert again["order"]["number"] == placed["order"]["number"]
    assert [other_cart["code"], other_total["code"]] == ["IDEMPOTENCY_KEY_REUSED"] * 2
    assert other_key["code"] == "CART_ALREADY_ORDERED"


async def test_an_order_at_another_price_or_in_another_currency_is_refused(
    souk: Marketplace, shop: Shop
) -> None:
    salt = await offer_of(shop, "Oliveira & Filhos", "Sea salt")
    cart = await fill_cart(shop, {salt: 1}, email="mixed@example.com")
    total = (await shop.do("Quote", token=cart))["total"]["amount"]
    agreed = [
        {"amount": total, "currency": "USD"},
        {"amount": "0.01", "currency": "EUR"},
        {"amount": f"-{total}", "currency": "EUR"},
        {"amount": total, "currency": "XXX"},
        {"amount": "1e999", "currency": "EUR"},
    ]

    async with nothing_changes(souk):
        answers = [
            await shop.do("PlaceOrder", cart=cart, key=str(uuid4()), expected=expected)
            for expected in agreed
        ]

    assert [answer["code"] for answer in answers] == [
        *["PRICE_CHANGED"] * 3, *["INVALID_INPUT"] * 2,
    ]  # fmt: skip


async def test_a_vendor_cannot_send_nothing_less_than_nothing_or_more_than_there_is(
    souk: Marketplace, sale: Sale, rui: Member
) -> None:
    page = f"/portal/sub-orders/{sale.sub_order_id}"
    units = f"refuse-{sale.line_id}"

    async def answer(refused: str) -> int:
        fields = {"answer": "accept", "version": "2", units: refused, "reason": "Out of stock"}
        return (await rui.post(f"{page}/acceptance", fields, from_page=page)).status_code

    async with nothing_changes(souk):
        refused = [await answer("-1"), await answer("3"), await answer("9" * 30)]
    accepted = await rui.post(
        f"{page}/acceptance",
        {"answer": "accept", "version": await version(souk, sale)},
        from_page=page,
    )

    async def send(pieces: str) -> int:
        parcel = {f"send-{sale.line_id}": pieces, "carrier": "DHL", "tracking_number": "T-1"}
        return (await rui.post(f"{page}/shipments", parcel, from_page=page)).status_code

    async with nothing_changes(souk):
        unsent = [await send("0"), await send("-1"), await send("3"), await send("1e9")]

    assert refused == [422] * 3
    assert accepted.status_code == 303
    assert unsent == [422, 422, 409, 422]


async def version(souk: Marketplace, sale: Sale) -> str:
    return str(await souk.value("SELECT version FROM sub_order WHERE id = $1", sale.sub_order_id))
