"""Many deadlines at once: few statements, each action once, whoever ticks and whoever dies."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from marketplace.inventory.models import Stock
from marketplace.kit import failpoints
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.orders import accepting, breaches, deadlines
from marketplace.orders.models import OrderLine, SubOrder
from marketplace.outbox.models import OutboxEvent
from marketplace.sla import claiming, clocks
from marketplace.sla.models import ClockKind
from marketplace.sla.policy_models import ActionKind, ActionRun, Moment
from settlement.invariants.checking import check_all
from tests.conftest import Database
from tests.counting import counted_statements
from tests.factories import NOON, make_offer, make_order, make_paid_order, member, parts_of
from tests.sla.clocked import a_policy
from tests.sla.ticking import in_a_process

pytestmark = pytest.mark.anyio
SHIP, ACCEPT = ClockKind.SHIP_BY, ClockKind.ACCEPT_BY
HOUR = timedelta(hours=1)
LATE = datetime(2026, 3, 4, 12, tzinfo=UTC) + HOUR


async def orders(count: int, *, answered: int) -> list[SubOrder]:
    """Paid orders of one mug, of which the first so many were accepted."""
    mug = await make_offer(on_hand=count)
    parts = []
    for number in range(count):
        [part] = await parts_of(await make_paid_order({mug.id: 1}))
        if number < answered:
            me = member(part.vendor_id)
            await accepting.accept(principal=me, sub_order_id=part.id, now=NOON)
        parts.append(part)
    return parts


async def runs() -> Counter[tuple[UUID, UUID]]:
    async with transaction(SYSTEM):
        return Counter((run.clock_id, run.action_id) for run in await ActionRun.all())


async def told() -> Counter[str]:
    async with transaction(SYSTEM):
        return Counter([event.name for event in await OutboxEvent.filter(name__startswith="sla.")])


async def test_every_action_fires_once_with_two_workers_of_which_one_dies(
    committed_db: Database,
) -> None:
    await a_policy(
        (SHIP, Moment.BREACHED, ActionKind.PENALTY),
        (SHIP, Moment.BREACHED, ActionKind.ESCALATE),
        (ACCEPT, Moment.BREACHED, ActionKind.AUTO_REFUSE),
    )
    await orders(9, answered=5)

    ended = await asyncio.gather(
        in_a_process(committed_db.url, LATE, "deadlines-acted:2"),
        in_a_process(committed_db.url, LATE),
    )
    await deadlines.work_off(now=LATE)

    assert set(ended) <= {0, failpoints.STATUS}
    assert sorted((await runs()).values()) == [1] * (5 + 5 + 4)
    found = await told()
    assert (found["sla.breached"], found["sla.penalty_due"], found["sla.escalated"]) == (9, 5, 5)
    async with transaction(SYSTEM, isolation="REPEATABLE READ", read_only=True):
        assert await SubOrder.filter(state="expired").count() == 4
        report = await check_all(connection())
    assert report.violations == ()


async def test_a_worker_that_dies_leaves_nothing_half_done(committed_db: Database) -> None:
    await a_policy((SHIP, Moment.BREACHED, ActionKind.PENALTY))
    await orders(3, answered=3)

    assert await in_a_process(committed_db.url, LATE, "deadlines-acted") == failpoints.STATUS
    assert await told() == Counter()
    assert await runs() == Counter()

    await deadlines.work_off(now=LATE)

    assert (await told())["sla.penalty_due"] == 3


async def counted(now: datetime) -> int:
    async with counted_statements() as sent:
        await deadlines.work_off(now=now)
    return len(sent)


async def test_late_parcels_are_worked_off_in_statements_that_do_not_grow_with_them(
    committed_db: Database,
) -> None:
    await a_policy(
        (SHIP, Moment.BREACHED, ActionKind.PENALTY), (SHIP, Moment.BREACHED, ActionKind.ESCALATE)
    )
    at_rest = await counted(NOON)
    await orders(2, answered=2)
    few = await counted(LATE)
    await orders(9, answered=9)
    many = await counted(LATE)

    assert few == many
    assert many - at_rest <= 8  # for all of them, up to fifty


async def test_a_refused_order_costs_the_same_however_many_there_are(
    committed_db: Database,
) -> None:
    at_rest = await counted(NOON)
    await orders(1, answered=0)
    one = await counted(LATE) - at_rest
    await orders(4, answered=0)
    four = await counted(LATE) - at_rest

    assert four == 4 * one
    assert one <= 37


async def test_orders_are_placed_while_missed_deadlines_are_being_acted_on(
    committed_db: Database,
) -> None:
    """Neither waits for the other, although they want the same product."""
    await a_policy((SHIP, Moment.BREACHED, ActionKind.PENALTY))
    [part, *_] = await orders(3, answered=3)
    async with transaction(SYSTEM):
        line = await OrderLine.get(sub_order_id=part.id)
        await Stock.filter(offer_id=line.offer_id).update(on_hand=4)
    acted, placed = asyncio.Event(), asyncio.Event()

    async def act() -> int:
        async with transaction(SYSTEM):
            found = await claiming.due(now=LATE, limit=50)
            missed = await clocks.breach(clock_ids=[clock.id for clock in found], now=LATE)
            await breaches.miss(missed, now=LATE)
            acted.set()
            await placed.wait()
        return len(missed)

    async def place() -> None:
        await acted.wait()
        async with asyncio.timeout(20):
            await make_order({line.offer_id: 1}, now=LATE)
        placed.set()

    missed, _ = await asyncio.gather(act(), place())

    assert missed == 3
    assert (await told())["sla.penalty_due"] == 3
