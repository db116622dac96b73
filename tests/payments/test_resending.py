"""A refund that failed is sent again, once, by those who may."""

from uuid import UUID

import pytest

from marketplace.kit.errors import Forbidden, IllegalMove, NotFound
from marketplace.kit.principal import Kind, Principal, StaffRole
from marketplace.payments import resending
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
from tests.payments.world import OVER_HTTP, World

pytestmark = OVER_HTTP
RESENDER = Principal(Kind.STAFF, id=UUID(int=9), roles=frozenset({StaffRole.SUPPORT}))


async def a_failed_refund(world: World) -> tuple[UUID, UUID]:
    """The bank sent it back after the provider had called it done."""
    order_id = await a_paid_order(world, card="pm_card_refundFail")
    refund_id = await ask_for_all(world, order_id)
    await world.submit(refund_id)
    await world.pass_time(seconds=61)
    await world.webhooks()
    return order_id, refund_id


async def test_a_failed_refund_is_sent_again_with_a_key_of_its_own(world: World) -> None:
    order_id, refund_id = await a_failed_refund(world)

    await resending.resend(principal=RESENDER, refund_id=refund_id, now=world.now)

    assert await counters(world) == [(TOTAL, TOTAL, 0)] * 2
    await world.submit(refund_id)
    assert await counters(world) == [(TOTAL, 0, TOTAL)] * 2
    assert await refund_events(world, order_id) == [
        *THROUGH, "refund.failed", "refund.retried", *THROUGH[1:],
    ]  # fmt: skip
    keys = await world.rows("SELECT key FROM provider_operation WHERE kind = 'refund' ORDER BY 1")
    assert [row["key"] for row in keys] == [
        f"mkt:refund:{refund_id}:1", f"mkt:refund:{refund_id}:2",
    ]  # fmt: skip
    assert sorted(await at_provider(world)) == ["failed", "succeeded"]


async def test_old_news_of_the_first_sending_does_not_touch_the_second(world: World) -> None:
    _, refund_id = await a_failed_refund(world)
    await resending.resend(principal=RESENDER, refund_id=refund_id, now=world.now)
    await world.submit(refund_id)

    world.handled.clear()
    await world.webhooks(newest_first=True)

    assert await world.value("SELECT state FROM refund") == "succeeded"
    assert await counters(world) == [(TOTAL, 0, TOTAL)] * 2


async def test_a_second_sending_that_is_lost_on_the_way_is_found_again(world: World) -> None:
    _, refund_id = await a_failed_refund(world)
    await resending.resend(principal=RESENDER, refund_id=refund_id, now=world.now)
    with pytest.raises(Killed):
        await world.submit(refund_id, gateway=Dying(world.gateway, after="create_refund"))

    await world.pass_time(seconds=100)
    await world.sweep()

    assert await world.value("SELECT state FROM refund") in {"succeeded", "failed"}
    assert len(await at_provider(world)) == 2


async def test_only_a_failed_refund_is_sent_again_and_only_by_those_who_may(world: World) -> None:
    order_id = await a_paid_order(world)
    refund_id = await ask_for_all(world, order_id)
    operations = Principal(Kind.STAFF, id=UUID(int=8), roles=frozenset({StaffRole.OPERATIONS}))

    with pytest.raises(IllegalMove):
        await resending.resend(principal=RESENDER, refund_id=refund_id, now=world.now)
    with pytest.raises(Forbidden):
        await resending.resend(principal=operations, refund_id=refund_id, now=world.now)
    with pytest.raises(NotFound):
        await resending.resend(principal=RESENDER, refund_id=UUID(int=0), now=world.now)
    assert await refund_events(world, order_id) == ["refund.requested"]
