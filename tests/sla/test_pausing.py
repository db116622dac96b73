from datetime import UTC, datetime, timedelta

import pytest

from marketplace.kit.ids import new_id
from marketplace.kit.transactions import connection
from marketplace.orders import accepting, deadlines, shipping
from marketplace.outbox.models import OutboxEvent
from marketplace.sla import clocks, pausing
from marketplace.sla.models import ClockKind, ClockState, PauseCause, SlaPause
from settlement.invariants.checking import check_all
from tests.factories import NOON, make_offer, make_order, make_paid_order, member, parts_of
from tests.sla.clocked import accepted, clock_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# Monday noon in London is 13:00 in Berlin, which works from nine to five: four hours are left of
# the day, eight are Tuesday's, and four Wednesday's.
DUE = datetime(2026, 3, 4, 12, tzinfo=UTC)


async def test_a_hold_over_two_working_hours_moves_the_deadline_by_two_hours() -> None:
    part = await accepted()
    assert (await clock_of(part)).due_at == DUE

    [stopped] = await pausing.pause(
        order_id=part.order_id, cause=PauseCause.PLATFORM, now=NOON + HOUR
    )
    [running] = await pausing.resume(
        order_id=part.order_id, cause=PauseCause.PLATFORM, now=NOON + 3 * HOUR
    )

    assert stopped.state is ClockState.PAUSED
    assert (running.state, running.due_at) == (ClockState.RUNNING, DUE + 2 * HOUR)
    assert running.warn_at == DUE
    names = [event.name for event in await OutboxEvent.filter(name__startswith="sla.p")]
    assert names == ["sla.paused"]


async def test_a_hold_over_a_weekend_costs_no_business_time() -> None:
    friday_evening = datetime(2026, 3, 6, 17, tzinfo=UTC)
    part = await accepted(now=friday_evening - 6 * HOUR)
    due = (await clock_of(part)).due_at

    await pausing.pause(order_id=part.order_id, cause=PauseCause.PLATFORM, now=friday_evening)
    [clock] = await pausing.resume(
        order_id=part.order_id, cause=PauseCause.PLATFORM, now=friday_evening + 2 * DAY
    )

    assert clock.due_at == due


async def test_a_clock_runs_again_when_the_last_of_its_causes_is_gone() -> None:
    part = await accepted()
    first, second = new_id(NOON), new_id(NOON)
    hold, carrier = PauseCause.PLATFORM, PauseCause.CARRIER
    order_id = part.order_id
    await pausing.pause(order_id=order_id, cause=hold, reference=first, now=NOON)
    await pausing.pause(order_id=order_id, cause=hold, reference=second, now=NOON + HOUR)
    await pausing.pause(order_id=order_id, cause=carrier, subject_ids=[part.id], now=NOON + HOUR)

    still = [
        *await pausing.resume(order_id=order_id, cause=hold, reference=first, now=NOON + HOUR),
        *await pausing.resume(order_id=order_id, cause=hold, reference=second, now=NOON + 2 * HOUR),
    ]
    [running] = await pausing.resume(
        order_id=order_id, cause=carrier, subject_ids=[part.id], now=NOON + 3 * HOUR
    )

    assert still == []
    assert running.due_at == DUE + 3 * HOUR


async def test_the_same_pause_twice_is_one_and_ending_none_does_nothing() -> None:
    part = await accepted()
    for _ in range(2):
        await pausing.pause(order_id=part.order_id, cause=PauseCause.PLATFORM, now=NOON)
    assert await SlaPause.all().count() == 1

    await pausing.resume(order_id=part.order_id, cause=PauseCause.PLATFORM, now=NOON + HOUR)
    again = await pausing.resume(order_id=part.order_id, cause=PauseCause.PLATFORM, now=NOON + DAY)

    assert again == []
    assert (await clock_of(part)).due_at == DUE + HOUR


async def test_what_would_be_due_while_it_stands_still_is_not_missed_and_warns_nobody() -> None:
    part = await accepted()
    await pausing.pause(order_id=part.order_id, cause=PauseCause.PLATFORM, now=NOON)

    await deadlines.work_off(now=DUE + 10 * DAY)

    assert (await clock_of(part)).state is ClockState.PAUSED
    assert not await OutboxEvent.filter(name__in=["sla.warned", "sla.breached"]).exists()
    assert (await check_all(connection())).violations == ()


async def test_what_was_missed_before_the_hold_stays_missed() -> None:
    part = await accepted()

    stopped = await pausing.pause(order_id=part.order_id, cause=PauseCause.PLATFORM, now=DUE + HOUR)
    await deadlines.work_off(now=DUE + HOUR)

    assert stopped == []
    assert (await clock_of(part)).state is ClockState.BREACHED


async def test_what_had_warned_before_does_not_warn_again() -> None:
    part = await accepted()
    await deadlines.work_off(now=DUE - HOUR)
    await pausing.pause(order_id=part.order_id, cause=PauseCause.PLATFORM, now=DUE - HOUR)

    [clock] = await pausing.resume(order_id=part.order_id, cause=PauseCause.PLATFORM, now=DUE)
    await deadlines.work_off(now=DUE)

    assert (clock.state, clock.due_at) == (ClockState.WARNED, DUE + HOUR)
    assert await OutboxEvent.filter(name="sla.warned").count() == 1


async def test_what_begins_during_a_hold_stands_still_from_its_beginning() -> None:
    mug = await make_offer(on_hand=5)
    [part] = await parts_of(await make_paid_order({mug.id: 1}))
    await pausing.pause(order_id=part.order_id, cause=PauseCause.PLATFORM, now=NOON)
    await accepting.accept(principal=member(part.vendor_id), sub_order_id=part.id, now=NOON)
    assert (await clock_of(part)).state is ClockState.PAUSED
    assert (await clock_of(part, ClockKind.ACCEPT_BY)).state is ClockState.MET

    [clock] = await pausing.resume(
        order_id=part.order_id, cause=PauseCause.PLATFORM, now=NOON + HOUR
    )

    assert (clock.kind, clock.due_at) == (ClockKind.SHIP_BY, DUE + HOUR)


async def test_what_is_done_while_it_stands_still_is_in_time() -> None:
    part = await accepted()
    await pausing.pause(order_id=part.order_id, cause=PauseCause.PLATFORM, now=NOON)

    await shipping.ship(
        principal=member(part.vendor_id), sub_order_id=part.id, carrier="DHL",
        tracking_number="T", key="k", now=DUE + DAY,
    )  # fmt: skip

    clock = await clock_of(part)
    assert (clock.state, clock.paused_at) == (ClockState.MET, None)
    assert not await OutboxEvent.filter(name="sla.breached").exists()


async def test_the_time_to_pay_never_stands_still() -> None:
    order_id = await make_order({(await make_offer()).id: 1})

    assert await pausing.pause(order_id=order_id, cause=PauseCause.PLATFORM, now=NOON) == []


async def test_what_is_no_longer_wanted_is_neither_met_nor_missed() -> None:
    part = await accepted()

    await clocks.void(subject_ids=[part.id], now=NOON + HOUR)

    clock = await clock_of(part)
    assert (clock.state, clock.void_at) == (ClockState.VOID, NOON + HOUR)
    assert (await clock_of(part, ClockKind.ACCEPT_BY)).state is ClockState.MET
    assert await deadlines.work_off(now=DUE + DAY) == 0


async def test_what_was_missed_and_is_no_longer_wanted_stays_missed_and_is_over() -> None:
    part = await accepted()
    await deadlines.work_off(now=DUE + HOUR)

    await clocks.void(subject_ids=[part.id], kinds=[ClockKind.SHIP_BY], now=DUE + 2 * HOUR)

    clock = await clock_of(part)
    assert (clock.state, clock.void_at) == (ClockState.BREACHED, DUE + 2 * HOUR)


async def test_a_deadline_starts_again_and_what_was_before_is_kept() -> None:
    part = await accepted()
    await clocks.meet(subject_ids=[part.id], kind=ClockKind.SHIP_BY, now=NOON + HOUR)
    replacement = clocks.Start(
        kind=ClockKind.SHIP_BY, subject_id=part.id, order_id=part.order_id,
        sub_order_id=part.id, vendor_id=part.vendor_id, started_at=NOON + DAY, due_at=DUE + DAY,
    )  # fmt: skip

    await clocks.start([replacement], again=True)

    assert (await clock_of(part)).due_at == DUE + DAY
    rows = await connection().fetchval(
        "SELECT count(*) FROM sla_clock WHERE subject_id = $1 AND kind = 'ship_by'", part.id
    )
    assert rows == 2
