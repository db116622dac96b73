"""One order paid once: the answer, the webhook, or both, in any order."""

import pytest

from marketplace.checkout import carts, placing
from marketplace.checkout.paying import PaymentResult
from marketplace.checkout.payment_errors import AlreadyPaid, PaymentInProgress
from marketplace.kit.idempotency import KeyReused
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.payments.gateway import UnexpectedAnswer
from marketplace.payments.models import AttemptState
from marketplace.pricing.models import Discount
from tests.factories import NOON, make_cart, make_offer, make_order, make_vendor, stock_of
from tests.payments.doubles import Telling
from tests.payments.world import OVER_HTTP, World

pytestmark = OVER_HTTP
TOTAL = 2 * 14_28 + 4_76  # two mugs and the parcel, with 19 % tax
ONCE = ["order.placed", "payment.captured", "payment.fee_known", "sub_order.released"]


async def test_a_good_card_pays_and_releases_at_once(world: World) -> None:
    mug = await make_offer(price=12_00, on_hand=5)
    order_id = await make_order({mug.id: 2})

    result = await world.pay(order_id)

    assert result.state is AttemptState.CAPTURED
    assert await world.events(order_id) == ONCE
    assert await world.states(order_id) == {"awaiting_acceptance"}
    capture = (await world.rows("SELECT * FROM capture"))[0]
    assert (capture["amount_minor"], capture["currency"]) == (TOTAL, "EUR")
    assert capture["fee_minor"] == 30 + round(TOTAL * 0.029)
    assert await world.money_in() == TOTAL
    assert await stock_of(mug.id) == (5, 2)


async def test_each_sub_order_gets_its_share_of_what_was_captured(world: World) -> None:
    order_id = await make_order(
        {(await make_offer(price=12_00)).id: 2, (await make_offer(price=5_00)).id: 1}
    )

    await world.pay(order_id)

    shares = await world.rows("SELECT amount_minor, captured_minor FROM payment_allocation")
    assert sorted(share["captured_minor"] for share in shares) == [5_95 + 4_76, TOTAL]
    assert all(share["amount_minor"] == share["captured_minor"] for share in shares)
    assert await world.value("SELECT captured_minor FROM payment") == TOTAL + 10_71


async def test_webhooks_after_the_answer_change_nothing(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.pay(order_id)

    await world.webhooks()
    world.handled.clear()
    handled_again = await world.webhooks(newest_first=True)

    assert handled_again > 1
    assert await world.events(order_id) == ONCE
    assert await world.value("SELECT count(*) FROM capture") == 1


async def test_the_same_key_repeats_the_answer(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    first = await world.pay(order_id, key="once")

    again = await world.pay(order_id, key="once")

    assert again == first
    assert await world.events(order_id) == ONCE
    assert len(await world.intents()) == 1


async def test_a_paid_order_is_not_paid_again_by_another_key(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.pay(order_id, key="first")

    with pytest.raises(AlreadyPaid):
        await world.pay(order_id, key="second")

    assert len(await world.intents()) == 1


async def test_a_key_used_for_another_card_is_refused(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.pay(order_id, key="once", card="pm_card_chargeDeclined")

    with pytest.raises(KeyReused):
        await world.pay(order_id, key="once", card="pm_card_visa")

    assert len(await world.intents()) == 1


async def test_a_declined_card_leaves_the_order_to_be_paid_with_another(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})

    declined = await world.pay(
        order_id, key="first", card="pm_card_chargeDeclinedInsufficientFunds"
    )
    await world.webhooks()

    assert declined.state is AttemptState.FAILED
    assert declined.failure_code == "insufficient_funds"
    assert declined.failure_message == "Your card has insufficient funds."
    assert await world.states(order_id) == {"pending"}
    assert await world.money_in() == 0

    paid = await world.pay(order_id, key="second")

    assert paid.state is AttemptState.CAPTURED
    assert await world.events(order_id) == ["order.placed", "payment.failed", *ONCE[1:]]
    generations = await world.rows("SELECT generation, state FROM payment_attempt ORDER BY 1")
    assert [tuple(row) for row in generations] == [(1, "failed"), (2, "captured")]


async def test_a_declined_payment_is_not_tried_again_by_its_key(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    declined = await world.pay(order_id, card="pm_card_chargeDeclined")

    again = await world.pay(order_id, card="pm_card_chargeDeclined")

    assert again == declined
    assert len(await world.intents()) == 1


async def test_an_unknown_payment_method_fails_the_attempt(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})

    result = await world.pay(order_id, card="pm_nobody_knows")

    assert result.state is AttemptState.FAILED
    assert result.failure_code == "resource_missing"
    assert await world.events(order_id) == ["order.placed", "payment.failed"]
    assert await world.states(order_id) == {"pending"}


async def test_a_fee_that_comes_later_is_recorded_once(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.pay(order_id, gateway=Telling(world.gateway, hides_fee=True))
    assert await world.events(order_id) == ["order.placed", "payment.captured", ONCE[3]]

    await world.sweep()
    await world.sweep()

    assert await world.events(order_id) == [*ONCE[:2], ONCE[3], ONCE[2]]
    assert await world.value("SELECT fee_minor FROM capture") > 0


async def test_a_status_nobody_has_heard_of_moves_nothing(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})

    result = await world.pay(order_id, gateway=Telling(world.gateway, status="blessed"))

    assert result.state is AttemptState.CREATED
    assert await world.states(order_id) == {"pending"}
    await world.webhooks()
    assert await world.events(order_id) == ONCE


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("succeeded", AttemptState.CAPTURED),
        ("requires_payment_method", AttemptState.FAILED),
        ("canceled", AttemptState.EXPIRED),
    ],
)
async def test_a_payment_still_processing_ends_where_the_provider_says(
    world: World, status: str, state: AttemptState
) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    slow = Telling(world.gateway, status="processing")
    assert (await world.pay(order_id, gateway=slow)).state is AttemptState.PROCESSING

    with pytest.raises(PaymentInProgress):
        await world.pay(order_id, key="another")
    result = await world.pay(order_id, gateway=Telling(world.gateway, status=status))

    assert result.state is state


async def test_another_amount_than_asked_for_is_not_booked(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    lying = Telling(world.gateway, amount_received_minor=1)

    with pytest.raises(UnexpectedAnswer, match="asked for was"):
        await world.pay(order_id, gateway=lying)

    assert await world.events(order_id) == ["order.placed"]
    assert await world.value("SELECT captured_minor FROM payment") == 0


async def test_an_order_that_costs_nothing_is_paid_without_the_provider(world: World) -> None:
    vendor = await make_vendor(shipping=0)
    mug = await make_offer(vendor=vendor, price=5_00)
    token = await make_cart({mug.id: 1})
    async with transaction(SYSTEM):
        await Discount.create(
            id=new_id(NOON), code="GIFT", amount_minor=50_00, currency="EUR", valid_from=NOON
        )
    await carts.set_discount(principal=SYSTEM, token=token, code="GIFT")
    order_id = await placing.place_order(principal=SYSTEM, token=token, key="gift", now=NOON)

    first, again = await world.pay(order_id), await world.pay(order_id)

    assert first == again == PaymentResult(attempt_id=None, state=AttemptState.CAPTURED)
    assert await world.events(order_id) == ["order.placed", "sub_order.released"]
    assert await world.intents() == []
