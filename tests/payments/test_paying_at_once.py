"""Twins, tabs, webhooks and sweepers at once: one intent, one capture, one release."""

import asyncio

import pytest

from marketplace.checkout import resuming
from marketplace.checkout.paying import PaymentResult
from marketplace.checkout.payment_errors import AlreadyPaid, PaymentInProgress
from marketplace.payments.models import AttemptState
from tests.factories import make_offer, make_order
from tests.payments.doubles import Dying, Killed
from tests.payments.test_paying_through_faults import assert_paid_once
from tests.payments.world import OVER_HTTP, World

pytestmark = OVER_HTTP


async def test_eight_twins_with_one_key_make_one_payment(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})

    results = await asyncio.gather(
        *(world.pay(order_id, key="once") for _ in range(8)), return_exceptions=True
    )

    paid = [one for one in results if isinstance(one, PaymentResult)]
    assert paid
    assert all(one.state is AttemptState.CAPTURED for one in paid)
    told_to_wait = [one for one in results if isinstance(one, PaymentInProgress)]
    assert len(paid) + len(told_to_wait) == 8
    await assert_paid_once(world, order_id)


async def test_eight_keys_at_once_make_one_payment(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})

    results = await asyncio.gather(
        *(world.pay(order_id, key=f"tab {tab}") for tab in range(8)), return_exceptions=True
    )

    assert sum(isinstance(one, PaymentResult) for one in results) == 1
    assert sum(isinstance(one, PaymentInProgress | AlreadyPaid) for one in results) == 7
    await assert_paid_once(world, order_id)


async def test_the_answer_its_webhooks_and_sweepers_at_once_capture_once(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    with pytest.raises(Killed):
        await world.pay(order_id, gateway=Dying(world.gateway, after="create_intent"))
    await world.sandbox.flush()
    await world.pass_time(minutes=2)
    told = [row["id"] for row in await world.rows("SELECT id FROM provider_event")]

    await asyncio.gather(
        *(world.handle(provider_event_id) for provider_event_id in told * 3),
        *(resuming.resume_due(gateway=world.gateway, now=world.now) for _ in range(3)),
    )

    await assert_paid_once(world, order_id)
