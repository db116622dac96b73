"""Shoppers whose program keeps to its key until there is an answer, as the documentation asks."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from tests.journeys.buying import BERLIN, Shop, member_of
from tests.storefront_api.shop import documented

PAUSE_SECONDS = 0.25
# A call whose caller died in the middle of it counts as lost after a minute and a half.
GIVES_UP_AFTER = 150.0


@dataclass(frozen=True, slots=True)
class Bought:
    """An order as the shop remembers it: only what the marketplace has acknowledged."""

    number: str
    token: str
    total_minor: int
    email: str
    basket: Mapping[str, int]


@dataclass(slots=True)
class Crowd:
    """Shoppers at once; `acknowledged` grows while they buy, `halfway` tells when to strike."""

    shop: Shop
    strike_after: int
    acknowledged: list[Bought] = field(default_factory=list)
    halfway: asyncio.Event = field(default_factory=asyncio.Event)

    async def buy(self, baskets: Sequence[Mapping[str, int]], *, at_once: int) -> None:
        """One order for each basket, each paid for; fails when one has no answer in time."""
        tills = asyncio.Semaphore(at_once)

        async def one(number: int, basket: Mapping[str, int]) -> None:
            async with tills:
                email = f"shopper-{number}-{uuid4().hex[:8]}@example.com"
                self.acknowledged.append(await buy(self.shop, basket, email=email))
                if len(self.acknowledged) >= self.strike_after:
                    self.halfway.set()

        async with asyncio.timeout(GIVES_UP_AFTER), asyncio.TaskGroup() as shoppers:
            for number, basket in enumerate(baskets):
                shoppers.create_task(one(number, basket))


async def buy(shop: Shop, basket: Mapping[str, int], *, email: str) -> Bought:
    cart = await fill_cart(shop, basket, email=email)
    placed = await until_answered(shop, "PlaceOrder", cart=cart, key=str(uuid4()))
    assert "order" in placed, placed
    order, key = placed["order"], str(uuid4())
    while True:
        paid = await until_answered(
            shop,
            "PayOrder",
            order={"token": placed["token"]},
            method="pm_card_visa",
            back=order["trackingUrl"],
            key=key,
        )
        assert "state" in paid, paid
        if paid["state"] == "CAPTURED":
            break
        await asyncio.sleep(PAUSE_SECONDS)
    total = order["totals"]["total"]["amount"].replace(".", "")
    return Bought(order["number"], placed["token"], int(total), email, basket)


async def fill_cart(shop: Shop, basket: Mapping[str, int], *, email: str) -> str:
    cart: str = (await until_answered(shop, "CreateCart", channel="eu"))["token"]
    for offer, quantity in basket.items():
        line = await until_answered(shop, "SetLine", token=cart, offer=offer, quantity=quantity)
        assert "cart" in line, line
    details = await until_answered(
        shop, "SetDetails", token=cart, email=email, name="Ana Pires", address=BERLIN
    )
    assert "cart" in details, details
    return cart


async def until_answered(shop: Shop, name: str, /, **variables: object) -> Any:
    """Sends the same request until there is an answer: a success, or a refusal that stays."""
    while True:
        try:
            response = await shop.post(documented(name), variables)
        except httpx.TransportError:
            await asyncio.sleep(PAUSE_SECONDS)
            continue
        if response.status_code != 503:
            answer = member_of(response)
            if not answer.get("retryable"):
                return answer
        await asyncio.sleep(PAUSE_SECONDS)
