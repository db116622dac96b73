"""A shop shows in which ways each seller sends, and lets the shopper choose."""

import httpx
import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.pricing.models import ShippingRate
from tests.factories import make_channel, make_offer, make_paid_order, make_rate, make_vendor
from tests.storefront_api.following import read
from tests.storefront_api.shop import Shop

pytestmark = pytest.mark.anyio


async def test_a_shopper_sees_what_each_method_costs_and_chooses(shop: Shop) -> None:
    kiln = await make_vendor(name="Kiln")
    mug = await make_offer(vendor=kiln, price=12_00)
    await make_channel()
    await make_rate(kiln.id, "express", base=9_00, per_unit=1_00)
    cart = await shop.filled_cart({mug.id: 2})

    [before] = (await shop.do("Quote", token=cart))["parts"]
    chosen = await shop.choose(cart, kiln.id, "express")
    [after] = (await shop.do("Quote", token=cart))["parts"]
    wrong = await shop.choose(cart, kiln.id, "drone")
    order = (await shop.place(cart))["order"]

    assert (before["shippingMethod"], before["shipping"]) == ("standard", {"amount": "4.00"})
    assert before["unavailableShippingMethod"] is None
    assert chosen["cart"]["version"] > 1
    assert (after["shippingMethod"], after["shipping"]) == ("express", {"amount": "11.00"})
    assert after["shippingOptions"] == [
        {
            "method": "standard", "name": "Standard", "price": {"amount": "4.00"},
            "isTaken": False,
        },
        {"method": "express", "name": "Express", "price": {"amount": "11.00"}, "isTaken": True},
    ]  # fmt: skip
    assert wrong == {
        "__typename": "ShippingMethodUnavailable",
        "code": "SHIPPING_METHOD_UNAVAILABLE",
        "message": "Kiln does not send to DE by 'drone'. Its methods there: standard, express.",
        "field": "method",
        "retryable": False,
        "offered": ["standard", "express"],
    }
    assert [part["shippingMethod"] for part in order["subOrders"]] == ["express"]


async def test_a_shopper_is_told_before_the_order_that_a_method_is_not_offered_any_more(
    shop: Shop,
) -> None:
    mug = await make_offer()
    await make_channel()
    await make_rate(mug.vendor_id)
    cart = await shop.filled_cart({mug.id: 1})
    await shop.choose(cart, mug.vendor_id, "express")
    async with transaction(SYSTEM):
        await ShippingRate.filter(vendor_id=mug.vendor_id, method="express").delete()

    [part] = (await shop.do("Quote", token=cart))["parts"]
    refused = await shop.place(cart)
    await shop.choose(cart, mug.vendor_id, None)
    placed = await shop.place(cart)

    assert (part["shippingMethod"], part["unavailableShippingMethod"]) == ("standard", "express")
    assert (refused["__typename"], refused["offered"]) == (
        "ShippingMethodUnavailable", ["standard"],
    )  # fmt: skip
    assert placed["order"]["subOrders"][0]["shippingMethod"] == "standard"


async def test_the_tracking_page_says_how_each_seller_sends(browser: httpx.AsyncClient) -> None:
    mug, lamp = await make_offer(), await make_offer(sku="lamp")
    await make_rate(mug.vendor_id, "next-day")

    order_id = await make_paid_order({mug.id: 1, lamp.id: 1}, methods={mug.vendor_id: "next-day"})
    page = await read(browser, order_id)

    assert "Next day shipping" in page
    assert "Standard shipping" in page
