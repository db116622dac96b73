"""Every refusal a client can meet on the way to an order; each leaves everything as it was."""

from uuid import uuid4

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders.models import Order
from storefront_api.ids import Of, encode
from tests.factories import make_channel, make_offer, make_vendor, stock_of
from tests.storefront_api.shop import ADDRESS_INPUT, Shop, offer_id

pytestmark = pytest.mark.anyio


async def orders() -> int:
    async with transaction(SYSTEM, read_only=True):
        return await Order.all().count()


async def lines_of(shop: Shop, token: str) -> list[int]:
    return [line["quantity"] for line in (await shop.do("ShowCart", token=token))["lines"]]


async def test_unknown_offers_and_quantities_out_of_range_change_no_cart(shop: Shop) -> None:
    mug = await make_offer()
    await make_channel()
    token = await shop.new_cart()
    await shop.put(token, mug.id, 2)

    unknown = await shop.put(token, uuid4())
    negative = await shop.put(token, mug.id, -1)
    huge = await shop.put(token, mug.id, 1_000)
    for too_big in (2**31, 2**63, 10**4000):
        [error] = await shop.errors(
            """mutation ($token: String!, $offer: ID!, $quantity: Int!) { cartSetLine(
                 input: {token: $token, offerId: $offer, quantity: $quantity}) { __typename } }""",
            token=token, offer=offer_id(mug.id), quantity=too_big,
        )  # fmt: skip
        assert "quantity" in error["message"]

    assert (unknown["__typename"], unknown["code"]) == ("UnknownOffers", "UNKNOWN_OFFER")
    assert unknown["field"] == "offerId"
    assert negative == {
        "__typename": "InvalidInput",
        "code": "INVALID_INPUT",
        "message": "quantity: -1 is out of range. Accepted: 0 to 999.",
        "field": "quantity",
        "retryable": False,
    }
    assert huge["field"] == "quantity"
    assert await lines_of(shop, token) == [2]


async def test_an_order_of_more_pieces_than_there_are_hears_how_many_there_are(shop: Shop) -> None:
    mug = await make_offer(on_hand=3)
    await make_channel()

    answer = await shop.place(await shop.filled_cart({mug.id: 4}))

    assert answer["__typename"] == "InsufficientStock"
    assert answer["shortages"] == [{"offerId": offer_id(mug.id), "wanted": 4, "available": 3}]
    assert await orders() == 0
    assert await stock_of(mug.id) == (3, 0)


async def test_an_offer_in_another_currency_does_not_go_into_the_cart(shop: Shop) -> None:
    dollars = await make_offer(currency="USD")
    await make_channel()
    token = await shop.new_cart()

    answer = await shop.put(token, dollars.id)

    assert (answer["code"], answer["field"]) == ("CURRENCY_MISMATCH", "offerId")
    assert await lines_of(shop, token) == []


async def test_a_malformed_id_or_one_of_another_kind_is_refused_by_name(shop: Shop) -> None:
    whole = offer_id(uuid4())
    other_kind = encode(Of.VENDOR, uuid4())
    for malformed in ("", "nonsense", "T2ZmZXI6", "\u00fc", other_kind, f" {whole}", whole + "="):
        line = await shop.do("SetLine", token="any", offer=malformed, quantity=1)
        order = await shop.do("MyOrder", id=malformed)
        paid = await shop.do(
            "PayOrder", order={"id": malformed}, method="pm", back="https://shop.example", key="k"
        )
        product = await shop.ask(
            """query ($id: ID!) {
                 product(by: {id: $id}, channel: "eu") { ... on Refusal { code field } } }""",
            id=malformed,
        )

        assert (line["code"], line["field"]) == ("INVALID_INPUT", "offerId")
        assert (order["code"], order["field"]) == ("INVALID_INPUT", "id")
        assert (paid["code"], paid["field"]) == ("INVALID_INPUT", "order.id")
        assert product == {"code": "INVALID_INPUT", "field": "by.id"}


async def test_a_field_without_room_for_a_refusal_gives_its_facts_as_an_error(shop: Shop) -> None:
    await make_channel()
    for arguments, field in (
        ('channel: "eu", first: 101', "first"),
        ('channel: "eu", first: 0', "first"),
        ('channel: "eu", first: -1', "first"),
        ('channel: "eu", after: "nonsense"', "after"),
        ('channel: "eu", after: "YWZ0ZXI6LTE="', "after"),
        (f'channel: "eu", search: "{"x" * 201}"', "search"),
    ):
        [error] = await shop.errors(f"{{ products({arguments}) {{ edges {{ cursor }} }} }}")
        extensions = {"code": "INVALID_INPUT", "field": field, "retryable": False}
        assert error["extensions"] == extensions

    [unknown] = await shop.errors('{ products(channel: "moon") { edges { cursor } } }')
    [malformed] = await shop.errors('{ node(id: "nonsense") { id } }')
    assert unknown["message"] == "There is no such channel."
    assert malformed["extensions"]["field"] == "id"


async def test_a_key_used_for_another_cart_is_refused(shop: Shop) -> None:
    mug = await make_offer()
    await make_channel()
    await shop.register()
    mine, other = [await shop.filled_cart({mug.id: 1}) for _ in range(2)]
    await shop.place(mine, key="once")

    answer = await shop.place(other, key="once")

    assert answer["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert answer["field"] == "idempotencyKey"
    assert await orders() == 1
    assert await stock_of(mug.id) == (5, 1)


async def test_a_key_that_is_empty_or_too_long_is_refused(shop: Shop) -> None:
    mug = await make_offer()
    await make_channel()
    cart = await shop.filled_cart({mug.id: 1})

    for key in ("", "x" * 256):
        assert (await shop.place(cart, key=key))["field"] == "idempotencyKey"

    assert await orders() == 0


async def test_a_cart_is_ordered_once_and_then_closed(shop: Shop) -> None:
    mug = await make_offer()
    await make_channel()
    cart = await shop.filled_cart({mug.id: 1})
    number = (await shop.place(cart, key="first"))["order"]["number"]

    again = await shop.place(cart, key="second")
    changed = await shop.put(cart, mug.id, 2)

    assert again["__typename"] == changed["__typename"] == "CartAlreadyOrdered"
    assert number in again["message"]
    assert await orders() == 1


async def test_an_unfinished_cart_says_what_it_lacks(shop: Shop) -> None:
    await make_channel()
    token = await shop.new_cart()

    quote = await shop.do("Quote", token=token)
    placed = await shop.place(token)

    assert quote["missing"] == ["an address", "an e-mail address", "at least one offer"]
    assert placed["code"] == "CART_INCOMPLETE"
    assert await orders() == 0


async def test_details_that_cannot_be_delivered_to_are_refused_by_name(shop: Shop) -> None:
    await make_channel()
    token = await shop.new_cart()
    good = {"email": "ana@example.com", "name": "Ana", "address": ADDRESS_INPUT}

    for change, field in (
        ({"email": "ana"}, "email"),
        ({"email": "eve,ana@example.com"}, "email"),
        ({"name": " "}, "name"),
        ({"address": ADDRESS_INPUT | {"postalCode": ""}}, "address.postalCode"),
        ({"address": ADDRESS_INPUT | {"country": "JP"}}, "address.country"),
    ):
        answer = await shop.do("SetDetails", token=token, **(good | change))
        assert (answer["code"], answer["field"]) == ("INVALID_INPUT", field)
    assert (await shop.do("ShowCart", token=token))["version"] == 1


async def test_a_wrong_or_tampered_token_opens_nothing(shop: Shop) -> None:
    mug = await make_offer()
    await make_channel()
    cart = await shop.filled_cart({mug.id: 1})
    placed = await shop.place(cart)
    token = placed["token"]

    payload, _, signature = token.rpartition(".")
    swapped = token.replace(token[4], "A" if token[4] != "A" else "B", 1)
    for wrong in (payload, f"{payload}.{signature[::-1]}", swapped, f"x.{token}", ""):
        answer = await shop.do("FollowOrder", token=wrong)
        assert (answer["code"], answer["__typename"]) == ("NOT_FOUND", "Refused")
    for operation in ("ShowCart", "Quote"):
        assert (await shop.do(operation, token=token))["code"] == "NOT_FOUND"
        assert (await shop.do(operation, token=cart + "x"))["code"] == "NOT_FOUND"
    assert (await shop.place(cart + "x"))["code"] == "NOT_FOUND"
    assert (await shop.put(cart + "x", mug.id))["code"] == "NOT_FOUND"


async def test_a_full_cart_takes_no_other_offer(shop: Shop) -> None:
    vendor = await make_vendor()
    offers = [await make_offer(vendor=vendor, sku=f"mug{n}") for n in range(101)]
    await make_channel()
    token = await shop.new_cart()
    for offer in offers[:100]:
        await shop.put(token, offer.id)

    answer = await shop.put(token, offers[100].id)

    assert (answer["code"], answer["field"]) == ("INVALID_INPUT", "offerId")
    assert len(await lines_of(shop, token)) == 100
