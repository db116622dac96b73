from datetime import timedelta
from uuid import uuid4

import pytest

from marketplace.accounts import members, signing_in
from marketplace.accounts.members import Person
from marketplace.accounts.models import Session
from marketplace.accounts.sessions import Audience
from marketplace.kit.principal import SYSTEM, StaffRole
from marketplace.kit.transactions import transaction
from storefront_api.ids import Of, encode
from tests.factories import NOON, make_channel, make_offer
from tests.storefront_api.shop import Shop

pytestmark = pytest.mark.anyio


async def test_a_customer_registers_orders_and_finds_the_orders_again(shop: Shop) -> None:
    mug = await make_offer(on_hand=50)
    await make_channel()
    await shop.register("Ana@Example.com")
    numbers = []
    for key in ("one", "two", "three"):
        cart = await shop.filled_cart({mug.id: 1})
        numbers.append((await shop.place(cart, key=key))["order"]["number"])

    page = await shop.do("MyOrders", first=2)
    rest = await shop.do("MyOrders", first=2, after=page["orders"]["pageInfo"]["endCursor"])

    assert page["email"] == "ana@example.com"
    assert page["orders"]["pageInfo"]["hasNextPage"] is True
    assert rest["orders"]["pageInfo"]["hasNextPage"] is False
    edges = page["orders"]["edges"] + rest["orders"]["edges"]
    assert sorted(edge["node"]["number"] for edge in edges) == sorted(numbers)
    mine = await shop.do("MyOrder", id=edges[0]["node"]["id"])
    assert mine["email"] == "ana@example.com"


async def test_another_customers_order_answers_like_one_that_does_not_exist(shop: Shop) -> None:
    mug = await make_offer()
    await make_channel()
    await shop.register("ana@example.com")
    order = (await shop.place(await shop.filled_cart({mug.id: 1})))["order"]
    nobodys = encode(Of.ORDER, uuid4())

    await shop.register("eve@example.com")
    for asking in (shop.session, None):
        shop.session = asking
        [hers, none] = [await shop.do("MyOrder", id=key) for key in (order["id"], nobodys)]
        payments = [
            await shop.do(
                "PayOrder", order={"id": key}, method="pm", back="https://shop.example", key="k"
            )
            for key in (order["id"], nobodys)
        ]
        nodes = [
            await shop.ask("query ($id: ID!) { node(id: $id) { id } }", id=key)
            for key in (order["id"], nobodys)
        ]

        assert hers == none
        assert hers["code"] == "NOT_FOUND"
        assert payments[0] == payments[1] == hers
        assert nodes == [None, None]


async def test_an_order_is_a_node_for_its_customer(shop: Shop) -> None:
    mug = await make_offer()
    await make_channel()
    await shop.register()
    order = (await shop.place(await shop.filled_cart({mug.id: 1})))["order"]

    node = await shop.ask(
        "query ($id: ID!) { node(id: $id) { id ... on Order { number } } }", id=order["id"]
    )

    assert node == {"id": order["id"], "number": order["number"]}


async def test_who_signs_out_is_a_guest_and_the_session_opens_nothing_more(shop: Shop) -> None:
    await shop.register()
    assert (await shop.do("MyOrders", first=1))["name"] == "Ana"

    assert await shop.do("SignOut") == {"done": True}

    [error] = await shop.errors("{ me { name } }")
    assert error["extensions"]["code"] == "SESSION_ENDED"
    refused = await shop.do("CreateCart", channel="eu")
    assert refused["code"] == "SESSION_ENDED"
    assert await shop.do("SignOut") == {"done": True}
    shop.session = None
    assert await shop.ask("{ me { name } }") is None
    assert await shop.do("SignOut") == {"done": False}


async def test_an_idle_session_ends(shop: Shop) -> None:
    await shop.register()
    async with transaction(SYSTEM):
        await Session.all().update(seen_at=NOON - timedelta(minutes=30))

    [error] = await shop.errors("{ me { name } }")

    assert error["extensions"]["code"] == "SESSION_ENDED"


async def test_signing_in_takes_the_right_password_and_slows_guessing(shop: Shop) -> None:
    await shop.register()
    shop.session = None

    signed_in = await shop.do("SignIn", email=" ANA@example.com", password="correct horse")
    assert set(signed_in) == {"token"}
    wrong = [
        await shop.do("SignIn", email=email, password="wrong horse")
        for email in ("ana@example.com", "nobody@example.com")
    ]
    assert wrong[0] == wrong[1]
    assert wrong[0]["code"] == "WRONG_CREDENTIALS"
    for _ in range(4):
        await shop.do("SignIn", email="ana@example.com", password="wrong horse")
    slowed = await shop.do("SignIn", email="ana@example.com", password="correct horse")
    assert (slowed["code"], slowed["retryable"]) == ("SIGN_IN_SLOWED", True)


async def test_staff_without_an_account_of_their_own_do_not_sign_in_here(shop: Shop) -> None:
    await members.create_staff(
        person=Person("ops@example.com", "Ops", "correct horse"),
        roles=[StaffRole.OPERATIONS],
        principal=SYSTEM,
        now=NOON,
    )

    answer = await shop.do("SignIn", email="ops@example.com", password="correct horse")

    assert answer["code"] == "WRONG_CREDENTIALS"


async def test_registering_refuses_a_taken_address_and_what_is_none(shop: Shop) -> None:
    await shop.register("ana@example.com")
    good = {"email": "eve@example.com", "name": "Eve", "password": "correct horse"}

    taken = await shop.do("Register", **(good | {"email": "ANA@example.com"}))
    assert taken["code"] == "EMAIL_TAKEN"
    for change, field in (
        ({"email": "eve"}, "email"),
        ({"email": "e ve@example.com"}, "email"),
        ({"email": "eve\nbcc@example.com"}, "email"),
        ({"email": "eve@ana@example.com"}, "email"),
        ({"email": "eve\n@example.com"}, "email"),
        ({"email": "eve@mallory@example.com"}, "email"),
        ({"email": "eve\x1b@example.com"}, "email"),
        ({"name": " "}, "name"),
        ({"password": "short"}, "password"),
    ):
        answer = await shop.do("Register", **(good | change))
        assert (answer["code"], answer["field"]) == ("INVALID_INPUT", field)


async def test_a_vendors_session_opens_no_storefront(shop: Shop) -> None:
    await members.create_vendor(
        code="kiln", name="Kiln", email="kiln@example.com", country="DE",
        time_zone="Europe/Berlin", owner=Person("kim@example.com", "Kim", "correct horse"),
        principal=SYSTEM, now=NOON,
    )  # fmt: skip
    shop.session = await signing_in.sign_in(
        email="kim@example.com", password="correct horse", audience=Audience.PORTAL, now=NOON
    )

    [error] = await shop.errors("{ me { name } }")

    assert error["extensions"]["code"] == "SESSION_ENDED"
