import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from asyncpg import UniqueViolationError

from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.sla import claiming, clocks
from marketplace.sla.models import ClockKind, ClockState, SlaClock

pytestmark = pytest.mark.anyio

NOON = datetime(2024, 6, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DUE = NOON + 8 * HOUR
WARN = NOON + 6 * HOUR

_ORDER = """
    INSERT INTO orders (id, number, channel_id, customer_id, email, customer_name, address,
        currency, items_minor, discount_minor, shipping_minor, tax_minor, total_minor, placed_at)
    VALUES ($1, $2, $1, $1, 'ada@example.com', 'Ada', '{}', 'EUR', 100, 0, 0, 0, 100, $3)
"""


async def an_order() -> UUID:
    order_id = new_id(NOON)
    async with transaction(SYSTEM) as connected:
        await connected.execute(_ORDER, order_id, f"M-{order_id.hex[-12:]}", NOON)
    return order_id


async def a_clock(kind: ClockKind = ClockKind.ACCEPT_BY) -> clocks.Start:
    clock = clocks.Start(
        kind=kind,
        subject_id=new_id(NOON),
        order_id=await an_order(),
        started_at=NOON,
        warn_at=WARN,
        due_at=DUE,
    )
    async with transaction(SYSTEM):
        await clocks.start([clock])
    return clock


async def row(clock: clocks.Start) -> SlaClock:
    async with transaction(SYSTEM):
        return await SlaClock.get(subject_id=clock.subject_id, kind=clock.kind)


async def test_what_is_done_by_the_deadline_is_met(db: object) -> None:
    clock = await a_clock()

    late = await clocks.meet(subject_ids=[clock.subject_id], kind=clock.kind, now=DUE)

    assert late == []
    met = await row(clock)
    assert (met.state, met.met_at, met.breached_at) == (ClockState.MET, DUE, None)


async def test_what_is_done_after_the_deadline_was_breached_at_the_deadline(db: object) -> None:
    clock = await a_clock()
    done_at = DUE + timedelta(microseconds=1)

    [late] = await clocks.meet(subject_ids=[clock.subject_id], kind=clock.kind, now=done_at)

    assert (late.subject_id, late.state) == (clock.subject_id, ClockState.BREACHED)
    breached = await row(clock)
    assert (breached.state, breached.met_at, breached.breached_at) == ("breached", done_at, DUE)


async def test_a_breach_found_first_stays_one_breach_when_it_is_done_at_last(db: object) -> None:
    clock = await a_clock()
    [claimed] = await claiming.due(now=DUE + HOUR, limit=10)
    assert len(await clocks.breach(clock_ids=[claimed.id], now=DUE + HOUR)) == 1

    assert await clocks.breach(clock_ids=[claimed.id], now=DUE + HOUR) == []
    late = await clocks.meet(subject_ids=[clock.subject_id], kind=clock.kind, now=DUE + 2 * HOUR)

    assert late == []
    breached = await row(clock)
    assert (breached.state, breached.breached_at) == (ClockState.BREACHED, DUE)
    assert breached.met_at == DUE + 2 * HOUR


async def test_meeting_one_kind_leaves_the_other_running(db: object) -> None:
    accept = await a_clock()
    ship = clocks.Start(
        kind=ClockKind.SHIP_BY,
        subject_id=accept.subject_id,
        order_id=accept.order_id,
        started_at=NOON,
        due_at=DUE,
    )
    await clocks.start([ship])

    await clocks.meet(subject_ids=[accept.subject_id], kind=accept.kind, now=NOON + HOUR)

    assert (await row(accept)).state is ClockState.MET
    assert (await row(ship)).state is ClockState.RUNNING


async def test_a_clock_is_due_strictly_after_its_deadline(db: object) -> None:
    clock = await a_clock()

    assert await claiming.due(now=DUE, limit=10) == []
    [due] = await claiming.due(now=DUE + timedelta(microseconds=1), limit=10)

    assert (due.subject_id, due.due_at) == (clock.subject_id, DUE)


async def test_a_warning_comes_once_and_not_after_the_deadline(db: object) -> None:
    clock = await a_clock()
    too_late = await a_clock()
    await connection().execute(
        "UPDATE sla_clock SET due_at = $1 WHERE subject_id = $2", NOON, too_late.subject_id
    )

    assert await claiming.warnings(now=WARN - HOUR, limit=10) == []
    [warning] = await claiming.warnings(now=WARN, limit=10)
    assert len(await clocks.warn(clock_ids=[warning.id], now=WARN)) == 1

    assert warning.subject_id == clock.subject_id
    assert await clocks.warn(clock_ids=[warning.id], now=WARN) == []
    assert await claiming.warnings(now=WARN, limit=10) == []
    assert (await row(clock)).state is ClockState.WARNED


async def test_a_subject_has_one_clock_of_a_kind(db: object) -> None:
    clock = await a_clock()

    with pytest.raises(UniqueViolationError):
        async with transaction(SYSTEM):
            await clocks.start([clock])


async def test_many_clocks_start_in_one_statement_and_none_in_none(db: object) -> None:
    order_id = await an_order()
    many = [
        clocks.Start(
            kind=ClockKind.ACCEPT_BY,
            subject_id=new_id(NOON),
            order_id=order_id,
            started_at=NOON,
            due_at=DUE,
        )
        for _ in range(50)
    ]

    assert len(await clocks.start(many)) == 50
    assert await clocks.start([]) == []

    assert len(await claiming.due(now=DUE + HOUR, limit=100)) == 50


async def test_two_claimers_share_the_due_clocks_and_leave_orders_that_others_hold(
    committed_db: object,
) -> None:
    held = await a_clock()
    for _ in range(6):
        await a_clock()
    claimed: list[UUID] = []
    is_held, both_have = asyncio.Event(), asyncio.Barrier(3)

    async def claim() -> None:
        async with transaction(SYSTEM):
            due = await claiming.due(now=DUE + HOUR, limit=3)
            await both_have.wait()
            claimed.extend(clock.subject_id for clock in due)

    async def hold() -> None:
        async with transaction(SYSTEM) as connected:
            await connected.execute("SELECT 1 FROM orders WHERE id = $1 FOR UPDATE", held.order_id)
            is_held.set()
            await both_have.wait()

    holder = asyncio.create_task(hold())
    await is_held.wait()
    await asyncio.gather(holder, claim(), claim())

    assert len(claimed) == len(set(claimed)) == 6
    assert held.subject_id not in claimed
