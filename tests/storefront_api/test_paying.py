"""Paying over GraphQL, against the payment provider's sandbox over HTTP."""

import asyncio

from marketplace.orders import deadlines
from tests.factories import make_channel, make_offer, stock_of
from tests.payments.world import BACK, OVER_HTTP, World
from tests.storefront_api.shop import Shop

pytestmark = OVER_HTTP


async def place(shop: Shop) -> dict[str, str]:
    """A reference to a fresh order, by its token."""
    mug = await make_offer(price=12_00)
    await make_channel()
    placed = await shop.place(await shop.filled_cart({mug.id: 1}))
    return {"token": placed["token"]}


async def pay(
    shop: Shop, order: dict[str, str], *, card: str = "pm_card_visa", key: str = "pay"
) -> dict[str, object]:
    answer: dict[str, object] = await shop.do(
        "PayOrder", order=order, method=card, back=BACK, key=key
    )
    return answer


async def test_a_paid_order_is_captured_once_however_often_it_is_asked(
    paying_shop: Shop, world: World
) -> None:
    order = await place(paying_shop)

    first = await pay(paying_shop, order)
    again = await pay(paying_shop, order)

    assert first == again
    assert (first["state"], first["redirectUrl"]) == ("CAPTURED", None)
    shown = await paying_shop.do("FollowOrder", token=order["token"])
    assert (shown["status"], shown["paymentStatus"]) == ("PROCESSING", "PAID")
    kinds = [edge["node"]["kind"] for edge in shown["events"]["edges"]]
    assert kinds == ["PLACED", "PAID"]
    assert len(await world.intents()) == 1
    refused = await pay(paying_shop, order, key="another")
    assert refused["code"] == "ALREADY_PAID"


async def test_a_customer_pays_by_the_orders_id(paying_shop: Shop) -> None:
    mug = await make_offer()
    await make_channel()
    await paying_shop.register()
    placed = await paying_shop.place(await paying_shop.filled_cart({mug.id: 1}))

    answer = await pay(paying_shop, {"id": placed["order"]["id"]})

    assert answer["state"] == "CAPTURED"
    assert answer["order"] == {
        "number": placed["order"]["number"],
        "paymentStatus": "PAID",
        "status": "PROCESSING",
    }


async def test_a_declined_card_is_a_refusal_and_another_one_pays(
    paying_shop: Shop, world: World
) -> None:
    order = await place(paying_shop)

    declined = await pay(paying_shop, order, card="pm_card_visa_chargeDeclined", key="first")

    assert (declined["code"], declined["field"]) == ("PAYMENT_DECLINED", "paymentMethod")
    assert (declined["declineCode"], declined["retryable"]) == ("generic_decline", False)
    assert await world.money_in() == 0
    paid = await pay(paying_shop, order, key="second")
    assert paid["state"] == "CAPTURED"


async def test_a_card_whose_holder_is_asked_leads_to_the_bank_and_back(
    paying_shop: Shop, world: World
) -> None:
    order = await place(paying_shop)

    asked = await pay(paying_shop, order, card="pm_card_threeDSecure2Required")
    assert asked["state"] == "REQUIRES_ACTION"
    await world.authenticate(str(asked["redirectUrl"]), "complete")
    back = await pay(paying_shop, order, card="pm_card_threeDSecure2Required")

    assert (back["state"], back["redirectUrl"]) == ("CAPTURED", None)


async def test_twins_of_a_payment_charge_once(paying_shop: Shop, world: World) -> None:
    order = await place(paying_shop)

    answers = await asyncio.gather(*(pay(paying_shop, order) for _ in range(8)))

    assert {answer.get("code", answer.get("state")) for answer in answers} <= {
        "CAPTURED",
        "PROCESSING",
        "PAYMENT_IN_PROGRESS",
    }
    assert (await pay(paying_shop, order))["state"] == "CAPTURED"
    assert len(await world.intents()) == 1


async def test_what_cannot_be_paid_or_is_not_ones_own_is_refused(
    paying_shop: Shop, world: World
) -> None:
    order = await place(paying_shop)
    token = order["token"]

    no_address = await paying_shop.do(
        "PayOrder", order=order, method="pm_card_visa", back="shop", key="pay"
    )
    no_method = await pay(paying_shop, order, card="")
    no_key = await pay(paying_shop, order, key="")
    forged = await pay(paying_shop, {"token": "x" + token})

    assert (no_address["code"], no_address["field"]) == ("INVALID_INPUT", "returnUrl")
    assert no_method["field"] == "paymentMethod"
    assert no_key["field"] == "idempotencyKey"
    assert forged["code"] == "NOT_FOUND"
    assert await world.intents() == []


async def test_an_order_that_was_not_paid_in_time_is_cancelled_and_says_so(
    paying_shop: Shop, world: World
) -> None:
    mug = await make_offer(on_hand=5)
    await make_channel()
    placed = await paying_shop.place(await paying_shop.filled_cart({mug.id: 2}))
    await world.pass_time(minutes=31)
    await deadlines.work_off(now=world.now, limit=10)

    shown = await paying_shop.do("FollowOrder", token=placed["token"])
    refused = await pay(paying_shop, {"token": placed["token"]})

    assert (shown["status"], shown["paymentStatus"]) == ("CANCELLED", "UNPAID")
    kinds = [edge["node"]["kind"] for edge in shown["events"]["edges"]]
    assert kinds == ["PLACED", "CANCELLED"]
    assert refused["code"] == "ORDER_NOT_PAYABLE"
    assert await stock_of(mug.id) == (5, 0)
