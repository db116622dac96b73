"""A shopper chooses how each vendor sends; the order costs that, and keeps it."""

from collections.abc import Mapping
from uuid import UUID, uuid4

import pytest
from tortoise.exceptions import IntegrityError

from marketplace.catalog.models import Offer
from marketplace.checkout import carts, placing, quoting
from marketplace.checkout.errors import CartAlreadyOrdered, CartIncomplete, PriceChanged
from marketplace.checkout.models import Cart
from marketplace.kit.errors import InvalidInput
from marketplace.orders.models import SubOrder
from marketplace.pricing.errors import ShippingMethodUnavailable
from marketplace.pricing.models import ShippingRate
from marketplace.pricing.quoting import PricedParcel
from marketplace.routing.models import RoutingDecision
from tests.factories import (
    ADDRESS,
    GUEST,
    NOON,
    euros,
    make_cart,
    make_offer,
    make_rate,
    make_vendor,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]


async def choose(token: str, offer: Offer, method: str | None = "express") -> Cart:
    return await carts.set_shipping(
        principal=GUEST, token=token, vendor_id=offer.vendor_id, method=method
    )


async def quoted(token: str) -> Mapping[UUID, PricedParcel]:
    quote = await quoting.quote_cart(principal=GUEST, token=token, now=NOON)
    return {parcel.vendor_id: parcel for parcel in quote.parcels}


async def place(token: str, *, expected: int | None = None) -> dict[UUID, SubOrder]:
    order_id = await placing.place_order(
        principal=GUEST, token=token, key=token, now=NOON,
        expected_total=None if expected is None else euros(expected),
    )  # fmt: skip
    return {part.vendor_id: part for part in await SubOrder.filter(order_id=order_id)}


async def a_mug(*, base: int = 9_00) -> Offer:
    """Of a vendor that sends by standard for 4.00 and by express."""
    mug = await make_offer()
    await make_rate(mug.vendor_id, base=base)
    return mug


async def test_what_is_chosen_for_one_vendor_is_quoted_placed_and_kept() -> None:
    mug, lamp = await a_mug(), await make_offer(sku="lamp")
    await make_rate(lamp.vendor_id, base=20_00)
    token = await make_cart({mug.id: 1, lamp.id: 1})

    cart = await choose(token, mug)
    quote = await quoted(token)
    parts = await place(token)

    assert cart.shipping_methods == {str(mug.vendor_id): "express"}
    express, standard = quote[mug.vendor_id], quote[lamp.vendor_id]
    assert [(one.method, one.minor) for one in express.sending.options] == [
        ("standard", 4_00), ("express", 9_00),
    ]  # fmt: skip
    assert (express.sending.method, express.shipping_minor) == ("express", 9_00)
    assert (standard.sending.method, standard.shipping_minor) == ("standard", 4_00)
    kept = parts[mug.vendor_id]
    assert (kept.shipping_method, kept.shipping_minor) == ("express", 9_00)
    assert kept.total_minor == express.total_minor == 24_99  # 19 % on 12.00 and 9.00
    assert parts[lamp.vendor_id].shipping_method == "standard"
    assert parts[lamp.vendor_id].shipping_minor == 4_00


async def test_who_could_serve_it_is_weighed_by_the_chosen_method_and_is_told_once() -> None:
    mug = await a_mug()
    other = await make_offer(vendor=await make_vendor(shipping=3_00), like=mug)
    await make_rate(other.vendor_id, "express", base=7_00)
    third = await make_offer(vendor=await make_vendor(shipping=1_00), like=mug)
    token = await make_cart({mug.id: 1})
    await choose(token, mug)

    await place(token)

    [decision] = await RoutingDecision.all()
    asked = {UUID(one["offer_id"]): one["shipping_minor"] for one in decision.inputs["candidates"]}
    assert asked == {mug.id: 9_00, other.id: 7_00, third.id: 1_00}
    assert len(decision.inputs["candidates"]) == 3


async def test_a_choice_is_taken_back_and_a_change_in_price_is_refused() -> None:
    mug = await a_mug()
    token = await make_cart({mug.id: 1})
    cart = await choose(token, mug)

    with pytest.raises(PriceChanged):
        await place(token, expected=19_04)  # by standard
    assert (await choose(token, mug, None)).version == cart.version + 1
    parts = await place(token, expected=19_04)

    assert parts[mug.vendor_id].shipping_method == "standard"
    with pytest.raises(CartAlreadyOrdered):
        await choose(token, mug)


async def test_what_cannot_be_chosen_is_refused_and_changes_nothing() -> None:
    mug, elsewhere = await a_mug(), await make_offer(sku="lamp")
    await make_rate(mug.vendor_id, "overnight", country="FR")
    await make_rate(mug.vendor_id, "courier", currency="USD")
    token = await make_cart({mug.id: 1})

    for method in ("overnight", "courier", "Express", "", "x" * 500):
        with pytest.raises(ShippingMethodUnavailable) as refused:
            await choose(token, mug, method)
        assert list(refused.value.offered) == ["standard", "express"]
        assert len(refused.value.message) < 200
    for stranger in (elsewhere.vendor_id, uuid4()):
        with pytest.raises(InvalidInput, match="vendorId"):
            await carts.set_shipping(
                principal=GUEST, token=token, vendor_id=stranger, method="standard"
            )
    _, blank = await carts.create(principal=GUEST, channel_code="eu", now=NOON)
    await carts.set_line(principal=GUEST, token=blank, offer_id=mug.id, quantity=1)
    with pytest.raises(CartIncomplete):
        await choose(blank, mug)

    assert [cart.shipping_methods for cart in await Cart.all()] == [None, None]


async def test_a_method_that_ended_is_said_by_the_quote_and_refused_by_the_order() -> None:
    mug = await a_mug()
    token = await make_cart({mug.id: 1})
    await choose(token, mug)
    await ShippingRate.filter(vendor_id=mug.vendor_id, method="express").delete()

    sending = (await quoted(token))[mug.vendor_id].sending
    with pytest.raises(ShippingMethodUnavailable) as refused:
        await place(token)

    assert (sending.method, sending.minor, sending.missed) == ("standard", 4_00, "express")
    assert refused.value.message.endswith("Its methods there: standard.")
    assert await SubOrder.all().count() == 0
    await choose(token, mug, None)
    assert (await place(token))[mug.vendor_id].shipping_method == "standard"


async def test_a_choice_goes_along_to_another_country_if_it_is_offered_there() -> None:
    mug = await a_mug()
    await make_rate(mug.vendor_id, "standard", base=6_00, country="FR")
    token = await make_cart({mug.id: 1})
    await choose(token, mug)

    await carts.set_details(
        principal=GUEST, token=token, email="ana@example.com", name="Ana",
        address={**ADDRESS, "country": "FR"},
    )  # fmt: skip

    with pytest.raises(ShippingMethodUnavailable) as refused:
        await place(token)
    assert refused.value.country == "FR"
    await make_rate(mug.vendor_id, "express", base=15_00, country="FR")
    cart = await Cart.all().first()
    assert cart is not None
    assert cart.shipping_methods == {str(mug.vendor_id): "express"}


async def test_a_vendor_that_left_the_cart_is_not_asked_about() -> None:
    mug, lamp = await a_mug(), await make_offer(sku="lamp")
    token = await make_cart({mug.id: 1, lamp.id: 1})
    await choose(token, mug)
    await carts.set_line(principal=GUEST, token=token, offer_id=mug.id, quantity=0)
    await ShippingRate.filter(vendor_id=mug.vendor_id).delete()

    cart = await choose(token, lamp, "standard")
    parts = await place(token)

    assert cart.shipping_methods == {str(lamp.vendor_id): "standard"}
    assert set(parts) == {lamp.vendor_id}


@pytest.mark.parametrize("method", ["Express", "next day", "", "express"])
async def test_the_database_takes_short_codes_once_each(method: str) -> None:
    mug = await a_mug()

    with pytest.raises(IntegrityError):
        await make_rate(mug.vendor_id, method)
