"""Every move of a deadline is made through its door, and every other one changes nothing."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import connection, transaction
from marketplace.sla import clocks, pausing
from marketplace.sla.models import ClockState, PauseCause, SlaClock
from marketplace.sla.states import CLOCK, ClockMove
from tests.sla.test_clocks import DUE, HOUR, NOON, WARN, a_clock

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("db")]
M, S = ClockMove, ClockState
Door = Callable[[SlaClock], Awaitable[object]]


async def warn(clock: SlaClock) -> None:
    await clocks.warn(clock_ids=[clock.id], now=WARN)


async def meet(clock: SlaClock) -> None:
    await clocks.meet(subject_ids=[clock.subject_id], kind=clock.kind, now=WARN)


async def breach(clock: SlaClock) -> None:
    await clocks.breach(clock_ids=[clock.id], now=DUE + HOUR)


async def pause(clock: SlaClock) -> None:
    await pausing.pause(order_id=clock.order_id, cause=PauseCause.CARRIER, now=NOON)


async def resume(clock: SlaClock) -> None:
    await pausing.resume(order_id=clock.order_id, cause=PauseCause.CARRIER, now=NOON + HOUR)


async def void(clock: SlaClock) -> None:
    await clocks.void(subject_ids=[clock.subject_id], now=WARN)


DOORS: dict[ClockMove, Door] = {
    M.WARN: warn, M.MEET: meet, M.BREACH: breach, M.PAUSE: pause, M.RESUME: resume,
    M.RESUME_WARNED: resume, M.VOID: void,
}  # fmt: skip
WAYS: dict[tuple[ClockState, bool], tuple[Door, ...]] = {
    (S.RUNNING, False): (), (S.WARNED, True): (warn,), (S.MET, False): (meet,),
    (S.BREACHED, False): (breach,), (S.VOID, False): (void,), (S.PAUSED, False): (pause,),
    (S.PAUSED, True): (warn, pause),
}  # fmt: skip


class _Undone(Exception):
    pass


async def test_every_move_is_made_or_changes_nothing() -> None:
    started = await a_clock()
    clock = await SlaClock.get(subject_id=started.subject_id)
    reached = set()
    for (state, has_warned), way in WAYS.items():
        for move, door in DOORS.items():
            if state is S.PAUSED and move is (M.RESUME if has_warned else M.RESUME_WARNED):
                continue  # the same door leads where it stood before
            with suppress(_Undone):
                async with transaction(SYSTEM):
                    for step in way:
                        await step(clock)
                    assert (await SlaClock.get(id=clock.id)).state is state
                    await door(clock)
                    after = (await SlaClock.get(id=clock.id)).state
                    allowed = move in CLOCK.allows(state)
                    assert after == (CLOCK.after(state, move) if allowed else state), (state, move)
                    reached |= {(state, move)} if allowed else set()
                    raise _Undone

    assert reached == {(state, move) for state in S for move in CLOCK.allows(state)}
    assert await connection().fetchval("SELECT count(*) FROM sla_pause") == 0
