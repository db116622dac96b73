"""Cards that want their holder, and cards that are declined: once paid, once charged."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Browser

from tests.journeys import buying
from tests.journeys.browsing import Person, a_person
from tests.journeys.buying import Placed, Shop
from tests.journeys.following import books_agree, caught_up, provider_books
from tests.journeys.running import Marketplace

pytestmark = pytest.mark.anyio

ASKS_ITS_HOLDER = "pm_card_threeDSecure2Required"


@asynccontextmanager
async def at_the_bank(
    chromium: Browser, pictures: Path, shop: Shop, order: Placed, key: str
) -> AsyncIterator[Person]:
    """The cardholder on the bank's page, and then back at the marketplace."""
    answer = await buying.pay(shop, order, ASKS_ITS_HOLDER, key=key)
    assert answer["state"] == "REQUIRES_ACTION"
    async with a_person(chromium, pictures) as holder:
        await holder.open(answer["redirectUrl"])
        yield holder
        assert holder.page.url.startswith(order.tracking_url)


async def follow(shop: Shop, order: Placed) -> str:
    status: str = (await shop.do("FollowOrder", token=order.token))["paymentStatus"]
    return status


async def test_a_card_whose_holder_agrees_at_the_bank_pays_once(
    souk: Marketplace, shop: Shop, chromium: Browser, pictures: Path
) -> None:
    honey = await buying.offer_of(shop, "Oliveira & Filhos", "Heather honey")
    order = await buying.place(shop, {honey: 1}, email="ines@example.com")
    before, key = (await provider_charges(souk)), str(uuid4())

    async with at_the_bank(chromium, pictures, shop, order, key) as holder:
        assert await follow(shop, order) == "UNPAID"
        await holder.press("Complete")

    assert (await buying.pay(shop, order, ASKS_ITS_HOLDER, key=key))["state"] == "CAPTURED"
    await caught_up(souk)
    assert await follow(shop, order) == "PAID"
    assert await provider_charges(souk) == before + 1
    await books_agree(souk)


async def test_a_card_whose_holder_declines_charges_nothing_and_another_card_pays(
    souk: Marketplace, shop: Shop, chromium: Browser, pictures: Path
) -> None:
    salt = await buying.offer_of(shop, "Oliveira & Filhos", "Sea salt")
    order = await buying.place(shop, {salt: 1}, email="joao@example.com")
    before, key = (await provider_charges(souk)), str(uuid4())

    async with at_the_bank(chromium, pictures, shop, order, key) as holder:
        await holder.press("Fail")

    refused = await buying.pay(shop, order, ASKS_ITS_HOLDER, key=key)
    assert refused["code"] == "PAYMENT_DECLINED"
    assert await follow(shop, order) == "UNPAID"
    assert await provider_charges(souk) == before
    assert (await buying.pay(shop, order, "pm_card_visa"))["state"] == "CAPTURED"
    await caught_up(souk)
    assert await provider_charges(souk) == before + 1
    await books_agree(souk)


async def test_a_declined_card_is_no_end_another_one_pays_the_same_order(
    souk: Marketplace, shop: Shop
) -> None:
    oil = await buying.offer_of(shop, "Oliveira & Filhos", "Olive oil, 3 l tin")
    order = await buying.place(shop, {oil: 1}, email="rita@example.com")

    declined = await buying.pay(shop, order, "pm_card_chargeDeclinedInsufficientFunds")
    status_between = await follow(shop, order)
    paid = await buying.pay(shop, order, "pm_card_mastercard")

    assert (declined["code"], declined["declineCode"]) == ("PAYMENT_DECLINED", "insufficient_funds")
    assert (status_between, paid["state"]) == ("UNPAID", "CAPTURED")
    await caught_up(souk)
    await books_agree(souk)


async def provider_charges(souk: Marketplace) -> int:
    return int((await provider_books(souk))["charges"])
