"""Act on deadlines: warn before them, and do what their passing means.

Any number of workers may tick at once: each takes other orders, and a clock moves once.
"""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders import breaches, cancelling, expiring
from marketplace.sla import clocks
from marketplace.sla.clocks import Clock
from marketplace.sla.models import ClockKind

BATCH = 100

logger = logging.getLogger(__name__)


class _Failed(Exception):
    """One clock could not be acted on, so nothing of it happened."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock


async def work_off(*, now: datetime, limit: int = BATCH) -> int:
    """Warn of and act on up to `limit` due clocks of each sort; answers with how many moved.

    Unpaid orders are cancelled, unanswered sub-orders expire, unshipped ones are marked late. One
    order a transaction: holding several orders' stock at once could deadlock with a placement.
    An order that cannot be acted on is logged and holds up no other; the next call tries again.
    """
    moved = 0
    for step in (_warn_one, _act_on_one):
        failed: list[UUID] = []
        for _ in range(limit):
            try:
                found = await step(now, failed)
            except _Failed as failure:
                clock = failure.clock
                logger.exception("the %s deadline of order %s", clock.kind, clock.order_id)
                failed.append(clock.id)
                continue
            if not found:
                break
            moved += found
    return moved


async def _warn_one(now: datetime, failed: Collection[UUID]) -> int:
    async with transaction(SYSTEM):
        near = await clocks.claim_warnings(now=now, limit=1, leave_out=failed)
        for clock in near:
            try:
                await breaches.warn(await clocks.warn(clock_ids=[clock.id], now=now), now=now)
            except Exception as error:  # whatever it is, the other orders' clocks run on
                raise _Failed(clock) from error
    return len(near)


async def _act_on_one(now: datetime, failed: Collection[UUID]) -> int:
    async with transaction(SYSTEM):
        due = await clocks.claim_due(now=now, limit=1, leave_out=failed)
        for clock in due:
            try:
                await _act(await clocks.breach(clock_ids=[clock.id], now=now), now)
            except Exception as error:  # as above
                raise _Failed(clock) from error
    return len(due)


async def _act(missed: Sequence[Clock], now: datetime) -> None:
    for clock in missed:
        match clock.kind:
            case ClockKind.PAY_BY:
                await cancelling.cancel_unpaid(order_id=clock.order_id, now=now)
            case ClockKind.ACCEPT_BY:
                await expiring.expire(sub_order_id=clock.subject_id, now=now)
            case ClockKind.SHIP_BY:
                pass  # late is late; the vendor ships all the same
    await breaches.record(missed, now=now)
