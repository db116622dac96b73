"""The provider is silent, fails, or the process dies: one intent, one capture, one release."""

import json

import pytest

from marketplace.checkout import resuming
from marketplace.checkout.payment_errors import PaymentInProgress
from marketplace.orders import deadlines
from marketplace.payments.gateway import UnexpectedAnswer
from marketplace.payments.models import AttemptState
from tests.factories import make_offer, make_order, stock_of
from tests.payments.doubles import Dying, Killed
from tests.payments.test_paying import ONCE
from tests.payments.world import OVER_HTTP, PAYING, World

pytestmark = OVER_HTTP
OPEN_CALLS = "SELECT count(*) FROM provider_operation WHERE state IN ('planned', 'sent')"


async def assert_paid_once(world: World, order_id: object) -> None:
    assert len(await world.intents()) == 1
    assert await world.value("SELECT count(*) FROM capture WHERE order_id = $1", order_id) == 1
    names = await world.rows("SELECT name FROM outbox_event WHERE stream_id = $1", order_id)
    assert sorted(row["name"] for row in names) == sorted(ONCE)
    assert await world.value(OPEN_CALLS) == 0


async def confirm_elsewhere(world: World, intent_id: str) -> None:
    """Somebody confirms an intent of ours without us, as a dashboard could."""
    await world.sandbox.intents.confirm_async(intent_id, {"payment_method": "pm_card_visa"})


@pytest.mark.parametrize("fault", ["timeout_after_work", "error_500_before_work", "conflict_409"])
async def test_a_short_fault_is_not_even_noticed(world: World, fault: str) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.sandbox.fault(fault, path=PAYING)

    result = await world.pay(order_id)

    assert result.state is AttemptState.CAPTURED
    await assert_paid_once(world, order_id)


@pytest.mark.parametrize(
    ("fault", "strokes"),
    [
        ("timeout_after_work", 3),
        ("error_500_before_work", 3),
        ("error_500_after_work", 1),
        ("conflict_409", 3),
        ("rate_limit_429", 3),
    ],
)
async def test_a_long_fault_leaves_it_open_until_somebody_looks(
    world: World, fault: str, strokes: int
) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.sandbox.fault("webhook_lost", count=100)
    await world.sandbox.fault(fault, path=PAYING, count=strokes)

    result = await world.pay(order_id)

    assert result.state is AttemptState.CREATED
    assert await world.states(order_id) == {"pending"}
    await world.sandbox.http.delete("/_sandbox/faults")
    await world.sandbox.fault("webhook_lost", count=100)
    await world.sweep()
    await assert_paid_once(world, order_id)


@pytest.mark.parametrize("fault", ["timeout_after_work", "error_500_after_work"])
async def test_the_webhook_may_come_where_the_answer_did_not(world: World, fault: str) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.sandbox.fault(fault, path=PAYING, count=3)
    await world.pay(order_id)

    await world.webhooks()

    await assert_paid_once(world, order_id)
    assert (await world.pay(order_id)).state is AttemptState.CAPTURED


@pytest.mark.parametrize("fault", ["webhook_doubled", "webhook_reordered", "webhook_lost"])
async def test_webhooks_may_come_as_they_like(world: World, fault: str) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.sandbox.fault(fault, count=100)

    await world.pay(order_id)
    await world.webhooks()

    await assert_paid_once(world, order_id)


@pytest.mark.parametrize("death", [{"before": "create_intent"}, {"after": "create_intent"}])
async def test_a_process_that_dies_is_made_up_for_by_the_next(
    world: World, death: dict[str, str]
) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.sandbox.fault("webhook_lost", count=100)
    with pytest.raises(Killed):
        await world.pay(order_id, gateway=Dying(world.gateway, **death))

    await world.sweep()

    await assert_paid_once(world, order_id)


async def test_the_shopper_may_carry_on_where_a_process_died(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    with pytest.raises(Killed):
        await world.pay(order_id, gateway=Dying(world.gateway, after="create_intent"))

    with pytest.raises(PaymentInProgress):
        await world.pay(order_id)
    with pytest.raises(PaymentInProgress):
        await world.pay(order_id, key="another")

    await world.pass_time(minutes=2)
    result = await world.pay(order_id)
    assert result.state is AttemptState.CAPTURED
    await assert_paid_once(world, order_id)


async def test_what_is_older_than_a_keys_life_is_looked_up_and_not_asked_again(
    world: World,
) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    with pytest.raises(Killed):
        await world.pay(order_id, gateway=Dying(world.gateway, after="create_intent"))
    await world.pass_time(hours=25)

    await resuming.resume_due(gateway=Dying(world.gateway, before="create_intent"), now=world.now)

    assert await world.events(order_id) == [*ONCE[:3], "sla.breached", ONCE[3]]
    assert len(await world.intents()) == 1


async def test_what_nobody_wants_any_more_is_not_asked_for(world: World) -> None:
    mug = await make_offer(on_hand=5)
    order_id = await make_order({mug.id: 1})
    with pytest.raises(Killed):
        await world.pay(order_id, gateway=Dying(world.gateway, before="create_intent"))
    await world.pass_time(minutes=31)
    await deadlines.work_off(now=world.now)

    await world.sweep()

    assert await world.intents() == []
    assert await world.value("SELECT state FROM payment_attempt") == "expired"
    assert await stock_of(mug.id) == (5, 0)
    assert await world.value(OPEN_CALLS) == 0


async def test_money_that_comes_for_what_was_given_up_is_booked_and_goes_back(
    world: World,
) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    dying = Dying(world.gateway, before="create_intent")
    with pytest.raises(Killed):
        await world.pay(order_id, gateway=dying)
    operation = (await world.rows("SELECT key, params::text FROM provider_operation"))[0]
    await world.pass_time(minutes=31)
    await deadlines.work_off(now=world.now)
    await world.sweep()
    assert await world.value("SELECT state FROM payment_attempt") == "expired"

    # The request had been on its way all the time.
    await world.sandbox.client.v1.payment_intents.create_async(json.loads(operation["params"]))
    await world.webhooks()

    await world.submit(await world.value("SELECT id FROM refund"))
    assert await world.states(order_id) == {"cancelled"}
    assert await world.money_in() == 0
    assert await world.value("SELECT state FROM payment_attempt") == "captured"


async def test_money_that_comes_for_an_attempt_that_failed_pays_the_order(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.pay(order_id, card="pm_card_chargeDeclined")
    await confirm_elsewhere(world, (await world.intents())[0].id)

    await world.webhooks()

    assert await world.states(order_id) == {"awaiting_acceptance"}
    assert await world.events(order_id) == [ONCE[0], "payment.failed", *ONCE[1:]]


async def test_a_second_payment_of_an_order_is_left_for_a_person_to_see(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.pay(order_id, card="pm_card_chargeDeclined", key="first")
    await world.pay(order_id, key="second")
    await world.webhooks()
    await confirm_elsewhere(world, (await world.intents())[1].id)

    with pytest.raises(UnexpectedAnswer, match="both pay order"):
        await world.webhooks()

    assert await world.value("SELECT count(*) FROM capture") == 1
    assert await world.value("SELECT captured_minor = amount_minor FROM payment")


async def test_one_answer_that_does_not_fit_holds_up_no_other(world: World) -> None:
    mug = await make_offer(on_hand=5)
    fits, odd = await make_order({mug.id: 1}, key="a"), await make_order({mug.id: 1}, key="b")
    for order_id in (odd, fits):
        dying = Dying(world.gateway, after="create_intent")
        with pytest.raises(Killed):
            await world.pay(order_id, key=str(order_id), gateway=dying)
    await world.rows("UPDATE payment SET amount_minor = 1 WHERE order_id = $1", odd)

    await world.sweep()

    assert await world.states(fits) == {"awaiting_acceptance"}
    assert await world.states(odd) == {"pending"}
    rows = await world.rows("SELECT last_error FROM provider_operation WHERE state = 'sent'")
    assert "asked for was" in rows[0]["last_error"]
