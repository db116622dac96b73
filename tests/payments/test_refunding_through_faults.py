"""The provider is silent, fails, or the process dies: one refund all the same."""

import asyncio

import pytest

from tests.payments.doubles import Dying, Killed
from tests.payments.refunding import (
    THROUGH,
    TOTAL,
    a_paid_order,
    ask_for_all,
    at_provider,
    counters,
    refund_events,
)
from tests.payments.world import OVER_HTTP, REFUNDING, World

pytestmark = OVER_HTTP


@pytest.mark.parametrize(
    ("fault", "strokes"),
    [
        ("timeout_after_work", 3),
        ("error_500_before_work", 3),
        ("error_500_after_work", 1),
        ("conflict_409", 3),
    ],
)
async def test_a_refund_whose_answer_is_lost_is_looked_up(
    world: World, fault: str, strokes: int
) -> None:
    order_id = await a_paid_order(world)
    await world.sandbox.fault(fault, path=REFUNDING, count=strokes)
    await world.submit(await ask_for_all(world, order_id))
    assert await refund_events(world, order_id) == THROUGH[:2]

    await world.sweep()

    assert await refund_events(world, order_id) == THROUGH
    assert await at_provider(world) == ["succeeded"]
    assert await counters(world) == [(TOTAL, 0, TOTAL)] * 2


@pytest.mark.parametrize("death", [{"before": "create_refund"}, {"after": "create_refund"}])
@pytest.mark.parametrize("carried_on_by", ["sweeper", "job"])
async def test_a_process_that_dies_refunds_once_all_the_same(
    world: World, death: dict[str, str], carried_on_by: str
) -> None:
    order_id = await a_paid_order(world)
    refund_id = await ask_for_all(world, order_id)
    with pytest.raises(Killed):
        await world.submit(refund_id, gateway=Dying(world.gateway, **death))

    if carried_on_by == "sweeper":
        await world.sweep()
    else:
        await world.pass_time(minutes=2)
        await world.submit(refund_id)

    assert await refund_events(world, order_id) == THROUGH
    assert await at_provider(world) == ["succeeded"]


async def test_the_webhook_of_a_refund_may_come_before_the_answer(world: World) -> None:
    order_id = await a_paid_order(world)
    refund_id = await ask_for_all(world, order_id)
    with pytest.raises(Killed):
        await world.submit(refund_id, gateway=Dying(world.gateway, after="create_refund"))

    await world.webhooks()

    assert await refund_events(world, order_id) == THROUGH
    await world.sweep()
    assert await at_provider(world) == ["succeeded"]


async def test_eight_submissions_at_once_refund_once(world: World) -> None:
    order_id = await a_paid_order(world)
    refund_id = await ask_for_all(world, order_id)

    await asyncio.gather(*(world.submit(refund_id) for _ in range(8)))

    assert await refund_events(world, order_id) == THROUGH
    assert await at_provider(world) == ["succeeded"]
