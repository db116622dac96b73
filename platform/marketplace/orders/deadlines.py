"""Act on deadlines: warn before them, and do what their passing means.

Any number of workers may tick at once: each takes other orders, and a clock moves once.
"""

from collections.abc import Sequence
from datetime import datetime

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.orders import breaches, cancelling, expiring
from marketplace.sla import clocks
from marketplace.sla.clocks import Clock
from marketplace.sla.models import ClockKind

BATCH = 100


async def work_off(*, now: datetime, limit: int = BATCH) -> int:
    """Warn of and act on up to `limit` due clocks of each sort; answers with how many moved.

    Unpaid orders are cancelled, unanswered sub-orders expire, unshipped ones are marked late. One
    order a transaction: holding several orders' stock at once could deadlock with a placement.
    """
    moved = 0
    for step in (_warn_one, _act_on_one):
        for _ in range(limit):
            found = await step(now)
            if not found:
                break
            moved += found
    return moved


async def _warn_one(now: datetime) -> int:
    async with transaction(SYSTEM):
        near = await clocks.claim_warnings(now=now, limit=1)
        if not near:
            return 0
        warned = await clocks.warn(clock_ids=[clock.id for clock in near], now=now)
        await breaches.warn(warned, now=now)
    return len(near)


async def _act_on_one(now: datetime) -> int:
    async with transaction(SYSTEM):
        due = await clocks.claim_due(now=now, limit=1)
        if not due:
            return 0
        missed = await clocks.breach(clock_ids=[clock.id for clock in due], now=now)
        await _act(missed, now)
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
