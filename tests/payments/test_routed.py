"""Webhooks and refunds on the way they take in production: kept, routed, consumed."""

from datetime import datetime

from marketplace.kit.principal import SYSTEM
from marketplace.orders import refunding
from marketplace.outbox import draining
from marketplace.outbox.routes import Received
from marketplace.payments.models import AttemptState
from marketplace_runtime.routes import PROVIDER, REFUNDS, all_routes
from tests.factories import make_offer, make_order
from tests.payments.test_paying import ONCE
from tests.payments.world import OVER_HTTP, PAYING, World

pytestmark = OVER_HTTP


async def nobody(event: Received, *, now: datetime) -> None:
    """Mail is not what this is about."""


async def consume(world: World) -> int:
    routes = all_routes(postman=nobody, gateway=world.gateway, connect=world.connect)
    return await draining.drain(routes=routes, now=world.now, consumers=[PROVIDER, REFUNDS])


async def test_an_order_is_paid_by_its_webhook_and_refunded_by_its_event(world: World) -> None:
    order_id = await make_order({(await make_offer()).id: 1})
    await world.sandbox.fault("timeout_after_work", path=PAYING, count=3)
    assert (await world.pay(order_id)).state is AttemptState.CREATED
    await world.sandbox.flush()

    await consume(world)

    assert await world.events(order_id) == ONCE
    await refunding.request_full(
        principal=SYSTEM, order_id=order_id, reason="broken", key="refund", now=world.now
    )
    await consume(world)
    await world.sandbox.flush()
    await consume(world)
    assert (await world.events(order_id))[len(ONCE) :] == [
        "refund.requested",
        "sub_order.cancelled",
        "refund.submitting",
        "refund.succeeded",
    ]
    assert await world.money_in() == 0
    told = "SELECT done_at IS NOT NULL FROM delivery WHERE consumer IN ('provider', 'refunds')"
    assert {row[0] for row in await world.rows(told)} == {True}
