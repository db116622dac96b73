"""Prices, discounts, taxes and destinations that do not fit: nothing is ordered."""

from datetime import timedelta

import pytest

from marketplace.catalog.models import Offer
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders.models import Order
from marketplace.pricing.models import Discount, TaxRate
from tests.factories import NOON, make_channel, make_offer, make_vendor
from tests.storefront_api.shop import ADDRESS_INPUT, Shop, offer_id

pytestmark = pytest.mark.anyio


async def orders() -> int:
    async with transaction(SYSTEM, read_only=True):
        return await Order.all().count()


async def make_discount(code: str, *, currency: str = "EUR", days_ago: int = 1) -> None:
    async with transaction(SYSTEM):
        await Discount.create(
            id=new_id(NOON), code=code, amount_minor=1_00, currency=currency,
            valid_from=NOON - timedelta(days=days_ago),
        )  # fmt: skip


async def test_a_price_that_moved_is_not_charged(shop: Shop) -> None:
    mug = await make_offer(price=12_00)
    await make_channel()
    cart = await shop.filled_cart({mug.id: 1})
    seen = (await shop.do("Quote", token=cart))["total"]
    async with transaction(SYSTEM):
        await Offer.filter(id=mug.id).update(price_minor=13_00)

    expected = {"amount": seen["amount"], "currency": seen["currency"]}
    answer = await shop.place(cart, expected=expected)

    assert (answer["code"], answer["field"]) == ("PRICE_CHANGED", "expectedTotal")
    assert answer["total"] == {"amount": "20.23", "currency": "EUR"}
    assert await orders() == 0
    retried = await shop.place(cart, expected=answer["total"])
    assert retried["order"]["totals"]["total"] == answer["total"]


async def test_an_expected_total_that_is_no_amount_of_money_is_refused(shop: Shop) -> None:
    mug = await make_offer()
    await make_channel()
    cart = await shop.filled_cart({mug.id: 1})

    for amount, currency, field in (
        ("19.041", "EUR", "expectedTotal.amount"),
        ("NaN", "EUR", "expectedTotal.amount"),
        ("Infinity", "EUR", "expectedTotal.amount"),
        ("1e999999", "EUR", "expectedTotal.amount"),
        ("1e-999999", "EUR", "expectedTotal.amount"),
        ("19.04", "XYZ", "expectedTotal.currency"),
        ("19.04", "", "expectedTotal.currency"),
    ):
        answer = await shop.place(cart, expected={"amount": amount, "currency": currency})
        assert (answer["code"], answer["field"]) == ("INVALID_INPUT", field)
    in_dollars = await shop.place(cart, expected={"amount": "19.04", "currency": "USD"})

    assert in_dollars["code"] == "PRICE_CHANGED"
    assert await orders() == 0


async def test_offers_that_left_the_market_are_named(shop: Shop) -> None:
    mug = await make_offer()
    await make_channel()
    cart = await shop.filled_cart({mug.id: 1})
    async with transaction(SYSTEM):
        await Offer.filter(id=mug.id).update(is_active=False)

    [quote, placed] = [await shop.do("Quote", token=cart), await shop.place(cart)]
    shown = await shop.do("ShowCart", token=cart)

    assert quote["__typename"] == placed["__typename"] == "UnknownOffers"
    assert shown["lines"] == [{"quantity": 1, "offerId": offer_id(mug.id), "offer": None}]


async def test_terms_that_do_not_fit_are_refused(shop: Shop) -> None:
    mug = await make_offer(vendor=await make_vendor(name="Kiln"))
    await make_channel()
    await make_discount("DOLLARS", currency="USD")
    await make_discount("SOON", days_ago=-1)
    cart = await shop.filled_cart({mug.id: 1})

    for code, words in (
        ("none", "there is no such code"),
        ("dollars", "it is in USD"),
        ("soon", "it is not valid today"),
    ):
        await shop.do("SetDiscount", token=cart, code=code)
        answer = await shop.place(cart)
        assert (answer["code"], answer["field"]) == ("UNUSABLE_DISCOUNT", "discountCode")
        assert words in answer["message"]
    await shop.do("SetDiscount", token=cart, code=None)

    france = ADDRESS_INPUT | {"country": "FR"}
    await shop.do("SetDetails", token=cart, email="a@b.fr", name="Ana", address=france)
    unsent = await shop.place(cart)
    assert (unsent["code"], unsent["field"]) == ("NOT_SHIPPED_THERE", "address.country")
    await shop.do("SetDetails", token=cart, email="a@b.fr", name="Ana", address=ADDRESS_INPUT)
    async with transaction(SYSTEM):
        await TaxRate.all().delete()
    assert (await shop.do("Quote", token=cart))["code"] == "NO_TAX_RATE"
    assert await orders() == 0
