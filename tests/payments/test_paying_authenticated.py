"""Cards whose holder is asked by the bank first (3-D Secure)."""

import pytest

from marketplace.checkout.payment_errors import AlreadyPaid, PaymentInProgress
from marketplace.orders import deadlines
from marketplace.payments.models import AttemptState
from tests.factories import make_offer, make_order, stock_of
from tests.payments.doubles import Dying, Killed, Telling
from tests.payments.test_paying import ONCE
from tests.payments.world import OVER_HTTP, PAYING, World

pytestmark = OVER_HTTP
ASKS = "pm_card_threeDSecure2Required"


async def test_a_holder_who_passes_has_paid_when_the_webhook_comes(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})

    waits = await world.pay(order_id, card=ASKS)

    assert waits.state is AttemptState.REQUIRES_ACTION
    assert await world.states(order_id) == {"pending"}
    await world.authenticate(waits.next_action_url, "complete")
    await world.webhooks()
    assert await world.events(order_id) == ONCE
    done = await world.pay(order_id, card=ASKS)
    assert (done.state, done.next_action_url) == (AttemptState.CAPTURED, None)


async def test_a_holder_who_passes_has_paid_when_asked_again_without_a_webhook(
    world: World,
) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    waits = await world.pay(order_id, card=ASKS)
    await world.authenticate(waits.next_action_url, "complete")

    done = await world.pay(order_id, card=ASKS)

    assert done.state is AttemptState.CAPTURED
    assert await world.events(order_id) == ONCE


async def test_a_lost_webhook_is_made_up_for_by_looking(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.sandbox.fault("webhook_lost", count=100)
    waits = await world.pay(order_id, card=ASKS)
    await world.authenticate(waits.next_action_url, "complete")
    assert await world.webhooks() == 0

    await world.sweep()

    assert await world.events(order_id) == ONCE


async def test_a_holder_who_fails_may_pay_again(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    waits = await world.pay(order_id, card=ASKS, key="first")
    await world.authenticate(waits.next_action_url, "fail")

    await world.webhooks()

    failed = await world.pay(order_id, card=ASKS, key="first")
    assert failed.state is AttemptState.FAILED
    assert failed.failure_code == "payment_intent_authentication_failure"
    assert await world.states(order_id) == {"pending"}
    paid = await world.pay(order_id, key="second")
    assert paid.state is AttemptState.CAPTURED


async def test_asking_with_a_new_key_continues_the_intent_that_waits(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    first = await world.pay(order_id, card=ASKS, key="first")

    second = await world.pay(order_id, card=ASKS, key="second")

    assert second == first
    assert len(await world.intents()) == 1


async def test_another_card_takes_the_place_of_one_that_waits(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.pay(order_id, card=ASKS, key="first")

    paid = await world.pay(order_id, card="pm_card_visa", key="second")

    assert paid.state is AttemptState.CAPTURED
    assert [intent.status for intent in await world.intents()] == ["succeeded", "canceled"]
    given_up = await world.pay(order_id, card=ASKS, key="first")
    assert given_up.state is AttemptState.EXPIRED
    await world.webhooks()
    assert await world.events(order_id) == ONCE


async def test_another_card_comes_too_late_once_the_holder_has_passed(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    waits = await world.pay(order_id, card=ASKS, key="first")
    await world.authenticate(waits.next_action_url, "complete")

    with pytest.raises(AlreadyPaid):
        await world.pay(order_id, card="pm_card_visa", key="second")

    assert await world.events(order_id) == ONCE
    assert len(await world.intents()) == 1


async def test_another_card_waits_until_the_first_one_is_known_to_be_given_up(
    world: World,
) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.pay(order_id, card=ASKS, key="first")
    canceling = f"{PAYING}/{(await world.intents())[0].id}/cancel"
    await world.sandbox.fault("error_500_after_work", path=canceling)

    with pytest.raises(PaymentInProgress):
        await world.pay(order_id, key="second")

    await world.sweep()
    assert (await world.pay(order_id, key="second")).state is AttemptState.CAPTURED
    assert [intent.status for intent in await world.intents()] == ["succeeded", "canceled"]
    assert await world.events(order_id) == ONCE


async def test_a_bank_may_go_on_thinking_after_its_holder_has_passed(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.pay(order_id, card=ASKS)

    slow = Telling(world.gateway, status="processing")
    thinking = await world.pay(order_id, card=ASKS, gateway=slow)

    assert (thinking.state, thinking.next_action_url) == (AttemptState.PROCESSING, None)


@pytest.mark.parametrize("death", [{"before": "cancel_intent"}, {"after": "cancel_intent"}])
async def test_dying_while_one_card_takes_the_place_of_another_charges_once(
    world: World, death: dict[str, str]
) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.pay(order_id, card=ASKS, key="first")
    with pytest.raises(Killed):
        await world.pay(order_id, key="second", gateway=Dying(world.gateway, **death))

    await world.sweep()

    assert [intent.status for intent in await world.intents()] == ["canceled"]
    paid = await world.pay(order_id, key="second")
    assert paid.state is AttemptState.CAPTURED
    assert await world.events(order_id) == ONCE


async def test_the_intent_of_an_order_that_expired_is_cancelled(world: World) -> None:
    mug = await make_offer(on_hand=5)
    order_id = await make_order({mug.id: 1})
    waits = await world.pay(order_id, card=ASKS)
    await world.pass_time(minutes=31)
    await deadlines.work_off(now=world.now)

    for _ in range(3):
        await world.sweep()

    assert [intent.status for intent in await world.intents()] == ["canceled"]
    assert await world.states(order_id) == {"cancelled"}
    assert await stock_of(mug.id) == (5, 0)
    assert (await world.value("SELECT state FROM payment_attempt")) == "expired"
    assert waits.next_action_url is not None
    open_calls = "SELECT count(*) FROM provider_operation WHERE state IN ('planned', 'sent')"
    assert await world.value(open_calls) == 0


async def test_money_for_an_order_that_expired_goes_back_in_full(world: World) -> None:
    mug = await make_offer(on_hand=5)
    order_id = await make_order({mug.id: 1})
    waits = await world.pay(order_id, card=ASKS)
    await world.pass_time(minutes=31)
    await deadlines.work_off(now=world.now)
    await world.authenticate(waits.next_action_url, "complete")

    await world.webhooks()

    assert await world.states(order_id) == {"cancelled"}
    assert await stock_of(mug.id) == (5, 0)
    refund_id = await world.value("SELECT id FROM refund")
    await world.submit(refund_id)
    assert await world.money_in() == 0
    payment = (await world.rows("SELECT * FROM payment"))[0]
    assert payment["refunded_minor"] == payment["captured_minor"] == payment["amount_minor"]
    assert "sub_order.released" not in await world.events(order_id)
