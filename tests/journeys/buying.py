"""What a storefront does with the API, in the documentation's own operations."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from tests.storefront_api.shop import documented

BERLIN = {"line1": "Torstrasse 1", "city": "Berlin", "postalCode": "10119", "country": "DE"}


@dataclass(slots=True)
class Shop:
    """A storefront's program; `session` is of the account that it is signed in to, if it is."""

    http: httpx.AsyncClient
    session: str | None = None

    async def post(self, query: str, variables: dict[str, object]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.session}"} if self.session else {}
        asked = {"query": query, "variables": variables}
        return await self.http.post("/graphql", json=asked, headers=headers)

    async def do(self, name: str, /, **variables: object) -> Any:
        """An operation of the documentation, answered without errors."""
        return member_of(await self.post(documented(name), variables))


def member_of(response: httpx.Response) -> Any:
    """What the one field of an operation gave."""
    answer = response.json()
    assert "errors" not in answer, answer
    [member] = answer["data"].values()
    return member


@dataclass(frozen=True, slots=True)
class Offer:
    id: str
    vendor: str
    product: str
    variant: str
    available: int


@dataclass(frozen=True, slots=True)
class Placed:
    number: str
    token: str
    total: str
    tracking_url: str


async def all_offers(shop: Shop, *, channel: str = "eu") -> list[Offer]:
    found = await shop.do("Products", channel=channel, first=100)
    return [
        Offer(
            id=offer["id"],
            vendor=offer["vendor"]["name"],
            product=edge["node"]["name"],
            variant=variant["name"],
            available=offer["available"],
        )
        for edge in found["edges"]
        for variant in edge["node"]["variants"]
        for offer in variant["offers"]
    ]


async def offer_of(shop: Shop, vendor: str, product: str, variant: str = "") -> str:
    [offer] = [
        offer.id
        for offer in await all_offers(shop)
        if (offer.vendor, offer.product, offer.variant) == (vendor, product, variant)
    ]
    return offer


async def fill_cart(shop: Shop, basket: dict[str, int], *, email: str) -> str:
    """Quantities by an offer's id."""
    cart: str = (await shop.do("CreateCart", channel="eu"))["token"]
    for offer, quantity in basket.items():
        answer = await shop.do("SetLine", token=cart, offer=offer, quantity=quantity)
        assert "cart" in answer, answer
    await shop.do("SetDetails", token=cart, email=email, name="Ana Pires", address=BERLIN)
    return cart


async def place(shop: Shop, basket: dict[str, int], *, email: str) -> Placed:
    """At exactly the price that the quote said."""
    cart = await fill_cart(shop, basket, email=email)
    quote = await shop.do("Quote", token=cart)
    expected = {name: quote["total"][name] for name in ("amount", "currency")}
    placed = await shop.do("PlaceOrder", cart=cart, key=str(uuid4()), expected=expected)
    order = placed["order"]
    return Placed(order["number"], placed["token"], quote["total"]["amount"], order["trackingUrl"])


async def pay(shop: Shop, order: Placed, card: str, *, key: str | None = None) -> Any:
    """A bank that wants to see the shopper sends them on to the tracking page."""
    return await shop.do(
        "PayOrder",
        order={"token": order.token},
        method=card,
        back=order.tracking_url,
        key=key or str(uuid4()),
    )
