"""Act on deadlines: warn before them, do what their passing means, and what follows later.

Any number of workers may tick at once: each takes other orders, and a clock moves once.
"""

import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from marketplace.kit import failpoints
from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders import acting, breaches, cancelling, delays
from marketplace.sla import claiming, clocks
from marketplace.sla.clocks import Clock
from marketplace.sla.models import ClockKind
from marketplace.sla.policy_models import Moment

BATCH = 100
# Orders in one transaction, where nothing but their own rows is locked.
TOGETHER = 50
# What gives stock back is done order by order: the stock of several at once could deadlock with
# a placement.
_WITH_STOCK = (ClockKind.PAY_BY, ClockKind.ACCEPT_BY)
_WITHOUT_STOCK = tuple(kind for kind in ClockKind if kind not in _WITH_STOCK)

logger = logging.getLogger(__name__)

Claim: TypeAlias = Callable[[datetime, int, Collection[UUID]], Awaitable[list[Clock]]]
Act: TypeAlias = Callable[[Sequence[Clock], datetime], Awaitable[None]]


class _Failed(Exception):
    """These could not be acted on together, so nothing of it happened."""

    def __init__(self, clocks: Sequence[Clock]) -> None:
        self.clocks = clocks


async def work_off(*, now: datetime, limit: int = BATCH) -> int:
    """Warn of, act on and tell of up to `limit` due clocks of each sort; how many there were.

    Unpaid orders are cancelled; for other deadlines the policy says what follows. Transactions
    are short: one order where stock is given back, else up to `TOGETHER`. What cannot be acted on
    is tried by itself, then logged, and holds up no other; the next call tries again.
    """
    return (
        await _each(_warnings, _warn, now, limit, TOGETHER)
        + await _each(_due_with_stock, _miss, now, limit, 1)
        + await _each(_due, _miss, now, limit, TOGETHER)
        + await _each(_later, _act_later, now, limit, 1)
        + await _each(_delayed, _tell, now, limit, 1)
    )


async def _each(claim: Claim, act: Act, now: datetime, limit: int, together: int) -> int:
    moved, failed = 0, set[UUID]()
    while moved < limit:
        try:
            found = await _step(claim, act, now, min(together, limit - moved), failed)
        except _Failed as failure:
            if len(failure.clocks) > 1:
                together = 1
                continue
            [clock] = failure.clocks
            logger.exception("the %s deadline of order %s", clock.kind, clock.order_id)
            failed.add(clock.id)
            continue
        if not found:
            break
        moved += found
    return moved


async def _step(claim: Claim, act: Act, now: datetime, size: int, failed: Collection[UUID]) -> int:
    async with transaction(SYSTEM):
        found = await claim(now, size, failed)
        if found:
            try:
                await act(found, now)
            except Exception as error:  # whatever it is, the other orders' clocks run on
                raise _Failed(found) from error
            failpoints.reach("deadlines-acted")
    return len(found)


async def _warnings(now: datetime, size: int, failed: Collection[UUID]) -> list[Clock]:
    return await claiming.warnings(now=now, limit=size, leave_out=failed)


async def _warn(found: Sequence[Clock], now: datetime) -> None:
    warned = await clocks.warn(clock_ids=[clock.id for clock in found], now=now)
    await breaches.warn(warned, now=now)


async def _due_with_stock(now: datetime, size: int, failed: Collection[UUID]) -> list[Clock]:
    return await claiming.due(now=now, limit=size, leave_out=failed, kinds=_WITH_STOCK)


async def _due(now: datetime, size: int, failed: Collection[UUID]) -> list[Clock]:
    return await claiming.due(now=now, limit=size, leave_out=failed, kinds=_WITHOUT_STOCK)


async def _miss(found: Sequence[Clock], now: datetime) -> None:
    missed = await clocks.breach(clock_ids=[clock.id for clock in found], now=now)
    for clock in missed:
        if clock.kind is ClockKind.PAY_BY:
            await cancelling.cancel_unpaid(order_id=clock.order_id, now=now)
    await breaches.miss(missed, now=now)


async def _later(now: datetime, size: int, failed: Collection[UUID]) -> list[Clock]:
    return await claiming.later_actions(now=now, limit=size, leave_out=failed)


async def _act_later(found: Sequence[Clock], now: datetime) -> None:
    await acting.act(found, Moment.AFTER, now=now)


async def _delayed(now: datetime, size: int, failed: Collection[UUID]) -> list[Clock]:
    return await claiming.delayed(now=now, ahead=delays.AHEAD, limit=size, leave_out=failed)


async def _tell(found: Sequence[Clock], now: datetime) -> None:
    for clock in found:
        await delays.tell_moved(clock, now=now)
