import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.signing import sign_order
from marketplace.kit.transactions import transaction
from marketplace.orders.models import Order, SubOrder
from storefront_api.ids import Of, decode
from tests.factories import make_channel, make_offer, make_vendor, stock_of
from tests.storefront_api.shop import ADDRESS_INPUT, SECRET_KEY, Shop, offer_id

pytestmark = pytest.mark.anyio


async def test_a_shopper_finds_offers_fills_a_cart_and_orders_from_two_vendors(shop: Shop) -> None:
    await make_channel()
    mug = await make_offer(vendor=await make_vendor(name="Kiln"), price=12_00)
    await make_offer(vendor=await make_vendor(name="Lux"), sku="lamp", price=80_00)

    found = await shop.do("Products", channel="eu", first=10)
    offers = [edge["node"]["variants"][0]["offers"][0] for edge in found["edges"]]
    by_vendor = {offer["vendor"]["name"]: offer for offer in offers}
    assert by_vendor["Kiln"] == {
        "id": offer_id(mug.id),
        "price": {"amount": "12.00", "currency": "EUR"},
        "available": 5,
        "vendor": {"name": "Kiln"},
    }
    token = await shop.new_cart()
    await shop.put(token, mug.id, 2)
    answer = await shop.do("SetLine", token=token, offer=by_vendor["Lux"]["id"], quantity=1)
    assert sorted(line["quantity"] for line in answer["cart"]["lines"]) == [1, 2]
    details = {"email": "ana@example.com", "name": "Ana", "address": ADDRESS_INPUT}
    answer = await shop.do("SetDetails", token=token, **details)
    assert answer["cart"]["address"] == {"city": "Berlin", "country": "DE"}

    quote = await shop.do("Quote", token=token)
    totals = {part["vendor"]["name"]: part["total"]["amount"] for part in quote["parts"]}
    assert totals == {"Kiln": "33.32", "Lux": "99.96"}
    assert quote["tax"]["amount"] == "21.28"
    assert quote["total"] == {"amount": "133.28", "minorUnits": 13328, "currency": "EUR"}

    expected = {"amount": "133.28", "currency": "EUR"}
    placed = await shop.place(token, expected=expected)
    order = placed["order"]
    assert order["status"] == "PENDING_PAYMENT"
    assert order["availableActions"] == ["PAY", "CANCEL", "CHANGE_ADDRESS"]
    assert order["totals"]["total"] == expected
    assert order["payBy"] == "2026-03-02T12:30:00+00:00"
    assert [part["number"] for part in order["subOrders"]] == [
        f"{order['number']}-A",
        f"{order['number']}-B",
    ]
    order_id = decode(order["id"], Of.ORDER, field="id")
    assert placed["token"] == sign_order(SECRET_KEY, order_id)
    assert order["trackingUrl"] == f"https://market.example/track/{placed['token']}"
    assert await stock_of(mug.id) == (5, 2)


async def test_a_cart_shows_what_is_in_it_and_then_which_order_it_became(shop: Shop) -> None:
    mug = await make_offer()
    await make_channel()
    token = await shop.filled_cart({mug.id: 2})
    await shop.do("SetDiscount", token=token, code=" spring ")

    cart = await shop.do("ShowCart", token=token)

    assert cart["discountCode"] == "SPRING"
    assert cart["orderNumber"] is None
    assert cart["lines"][0]["offer"]["variant"]["product"]["name"] == "Mug"
    await shop.do("SetDiscount", token=token, code=None)
    number = (await shop.place(token))["order"]["number"]
    assert (await shop.do("ShowCart", token=token))["orderNumber"] == number


async def test_a_cart_keeps_what_its_customer_cares_for(shop: Shop) -> None:
    mug = await make_offer()
    await make_channel()
    token = await shop.filled_cart({mug.id: 1})

    answer = await shop.do("SetPreference", token=token, preference="SOONEST")
    [error] = await shop.errors(
        """mutation ($token: String!) {
             cartSetPreference(input: {token: $token, preference: CHEAPEST}) { __typename } }""",
        token=token,
    )

    assert answer["cart"]["preference"] == "SOONEST"
    assert "CHEAPEST" in error["message"]
    assert (await shop.do("ShowCart", token=token))["preference"] == "SOONEST"
    await shop.place(token)
    late = await shop.do("SetPreference", token=token, preference=None)
    assert late["__typename"] == "CartAlreadyOrdered"


async def test_a_line_of_zero_pieces_is_taken_out(shop: Shop) -> None:
    mug = await make_offer()
    await make_channel()
    token = await shop.new_cart()
    await shop.put(token, mug.id, 3)

    answer = await shop.put(token, mug.id, 0)

    assert answer["cart"]["lines"] == []


async def test_the_holder_of_a_token_follows_the_order_without_its_private_parts(
    shop: Shop,
) -> None:
    mug = await make_offer()
    await make_channel()
    placed = await shop.place(await shop.filled_cart({mug.id: 1}))

    order = await shop.do("FollowOrder", token=placed["token"])
    private = await shop.ask(
        """query ($token: String!) { orderByToken(token: $token) {
             ... on Order { email address { line1 city country postalCode } } } }""",
        token=placed["token"],
    )

    assert order["number"] == placed["order"]["number"]
    assert order["paymentStatus"] == "UNPAID"
    assert [edge["node"]["kind"] for edge in order["events"]["edges"]] == ["PLACED"]
    assert private == {
        "email": None,
        "address": {"line1": None, "city": "Berlin", "country": "DE", "postalCode": None},
    }


async def test_a_retry_answers_with_the_same_order(shop: Shop) -> None:
    mug = await make_offer()
    await make_channel()
    cart = await shop.filled_cart({mug.id: 1})

    first = await shop.place(cart)
    again = await shop.place(cart)

    assert again == first
    assert await stock_of(mug.id) == (5, 1)
    async with transaction(SYSTEM, read_only=True):
        assert await Order.all().count() == 1
        assert await SubOrder.all().count() == 1
