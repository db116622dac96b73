"""Money back: claimed once, sent once, and counted where it ends."""

from dataclasses import replace
from uuid import UUID

import pytest

from marketplace.kit.errors import NotFound
from marketplace.payments import submitting
from marketplace.payments.errors import RefundExceedsCapture
from tests.factories import make_offer, make_order
from tests.payments.doubles import Telling
from tests.payments.refunding import (
    PROVIDER_REFUND,
    THROUGH,
    TOTAL,
    a_paid_order,
    ask_for_all,
    at_provider,
    counters,
    refund_events,
)
from tests.payments.world import OVER_HTTP, World

pytestmark = OVER_HTTP


async def test_a_refund_is_claimed_when_asked_for_and_counted_when_done(world: World) -> None:
    order_id = await a_paid_order(world)

    refund_id = await ask_for_all(world, order_id)

    assert await counters(world) == [(TOTAL, TOTAL, 0)] * 2
    assert await at_provider(world) == []
    await world.submit(refund_id)
    assert await counters(world) == [(TOTAL, 0, TOTAL)] * 2
    assert await refund_events(world, order_id) == THROUGH
    assert await world.money_in() == 0


async def test_each_move_of_a_refund_is_in_the_history_with_its_event(world: World) -> None:
    order_id = await a_paid_order(world)

    await world.submit(await ask_for_all(world, order_id))

    rows = await world.rows(
        "SELECT from_state, to_state, actor, state_change.reason, name FROM state_change "
        "JOIN outbox_event ON outbox_event.id = event_id "
        "WHERE subject = 'refund' ORDER BY outbox_event.seq"
    )
    assert [tuple(row) for row in rows] == [
        (None, "requested", "system", "broken", THROUGH[0]),
        ("requested", "submitting", "system", None, THROUGH[1]),
        ("submitting", "succeeded", "provider", None, THROUGH[2]),
    ]


async def test_its_webhooks_and_a_second_submission_change_nothing(world: World) -> None:
    order_id = await a_paid_order(world)
    refund_id = await ask_for_all(world, order_id)
    await world.submit(refund_id)

    await world.submit(refund_id)
    await world.webhooks(newest_first=True)
    world.handled.clear()
    await world.webhooks()

    assert await refund_events(world, order_id) == THROUGH
    assert await at_provider(world) == ["succeeded"]
    assert await counters(world) == [(TOTAL, 0, TOTAL)] * 2


@pytest.mark.parametrize("told_by", ["webhook", "looking"])
async def test_a_pending_refund_keeps_its_claim_until_it_is_through(
    world: World, told_by: str
) -> None:
    order_id = await a_paid_order(world, card="pm_card_pendingRefund")
    await world.submit(await ask_for_all(world, order_id))
    assert await counters(world) == [(TOTAL, TOTAL, 0)] * 2

    await world.pass_time(seconds=61)
    if told_by == "webhook":
        await world.webhooks()
    else:
        await world.sandbox.flush()
        await world.sweep()

    assert await refund_events(world, order_id) == [*THROUGH[:2], "refund.pending", THROUGH[2]]
    assert await counters(world) == [(TOTAL, 0, TOTAL)] * 2


async def test_a_refund_the_bank_sends_back_is_no_longer_counted(world: World) -> None:
    order_id = await a_paid_order(world, card="pm_card_refundFail")
    refund_id = await ask_for_all(world, order_id)
    await world.submit(refund_id)
    await world.pass_time(seconds=61)

    await world.webhooks()

    assert await refund_events(world, order_id) == [*THROUGH, "refund.failed"]
    assert await counters(world) == [(TOTAL, 0, 0)] * 2
    refund = (await world.rows("SELECT * FROM refund"))[0]
    assert (refund["state"], refund["failure_message"]) == ("failed", "expired_or_canceled_card")


@pytest.mark.parametrize("ends", ["failed", "canceled"])
async def test_a_pending_refund_that_fails_gives_its_claim_back(world: World, ends: str) -> None:
    order_id = await a_paid_order(world, card="pm_card_pendingRefund")
    refund_id = await ask_for_all(world, order_id)
    await world.submit(refund_id)

    refund = await world.gateway.retrieve_refund(await world.value(PROVIDER_REFUND))
    failed = replace(refund, status=ends)
    await submitting.apply_refund(refund_id=refund_id, snapshot=failed, now=world.now)

    assert await refund_events(world, order_id) == [
        *THROUGH[:2],
        "refund.pending",
        "refund.failed",
    ]
    assert await counters(world) == [(TOTAL, 0, 0)] * 2


async def test_a_refund_with_a_status_nobody_has_heard_of_is_looked_at_again(
    world: World,
) -> None:
    order_id = await a_paid_order(world)
    refund_id = await ask_for_all(world, order_id)
    await world.submit(refund_id, gateway=Telling(world.gateway, status="blessed"))
    assert await refund_events(world, order_id) == THROUGH[:2]

    await world.sweep()

    assert await refund_events(world, order_id) == THROUGH
    assert await at_provider(world) == ["succeeded"]


async def test_a_refund_the_provider_refuses_fails_and_gives_its_claim_back(
    world: World,
) -> None:
    order_id = await a_paid_order(world)
    intent_id = (await world.intents())[0].id
    await world.sandbox.refunds.create_async({"payment_intent": intent_id})

    await world.submit(await ask_for_all(world, order_id))

    assert await refund_events(world, order_id) == [*THROUGH[:2], "refund.failed"]
    assert await counters(world) == [(TOTAL, 0, 0)] * 2
    message = await world.value("SELECT failure_message FROM refund")
    assert "already been refunded" in message


async def test_what_was_never_captured_is_not_refunded(world: World) -> None:
    order_id = await make_order({(await make_offer(price=12_00)).id: 2})

    with pytest.raises(RefundExceedsCapture) as refused:
        await ask_for_all(world, order_id)

    assert refused.value.message == (
        "33.32 EUR cannot be refunded: 0.00 EUR is left of what was paid."
    )
    assert await world.value("SELECT count(*) FROM refund") == 0


async def test_a_refund_nobody_asked_for_cannot_be_submitted(world: World) -> None:
    with pytest.raises(NotFound):
        await world.submit(UUID(int=0))
