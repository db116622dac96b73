"""Take payouts as far as they go: reserve, transfer, send; then it is the bank's turn.

Events are hints. Everything that is to be done stands in the database, and `carry_on_due` finds
it there; jobs, commands and the tick may all work on the same payout at the same time.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace.payments.gateway import ProviderError
from settlement.connected.gateway import ConnectGateway
from settlement.payouts import (
    cancelling,
    following,
    reserving,
    retrying,
    sending,
    transferring,
)
from settlement.payouts.models import Payout, PayoutState

logger = logging.getLogger(__name__)

Tell: TypeAlias = Callable[[UUID, PayoutState], None]

AT_ONCE = 4  # payouts side by side: each waits for the provider most of the time
BATCH = 20
# An approved payout's job gets this long before the tick takes it for lost.
JOB_HAS = timedelta(seconds=30)

_OF_BATCH = """
    SELECT id FROM payout WHERE batch_id = $1 AND state NOT IN ('draft', 'paid', 'cancelled')
    ORDER BY vendor_id, currency
"""
_DUE = """
    SELECT payout.id, payout.state FROM (
        SELECT payout.id, batch.approved_at AS since FROM payout
        JOIN payout_batch batch ON batch.id = payout.batch_id
        WHERE payout.state = 'approved' AND batch.approved_at <= $1::timestamptz - $2::interval
        UNION ALL
        SELECT id, next_attempt_at FROM payout
        WHERE state IN ('reserved', 'transferred', 'sent', 'failed', 'returned')
            AND next_attempt_at <= $1
        UNION ALL
        SELECT subject_id, next_at FROM provider_operation
        WHERE state IN ('planned', 'sent') AND next_at <= $1
            AND kind IN ('transfer', 'payout', 'transfer_reversal')
    ) due JOIN payout ON payout.id = due.id
    -- A payout that waits for a time of its own has no call to be made before it.
    WHERE (payout.next_attempt_at IS NULL OR payout.next_attempt_at <= $1)
        AND (payout.rests_until IS NULL OR payout.rests_until <= $1)
        -- What waits for a person to match it is not in the way of the others, but for a reversal
        -- whose outcome is still to be heard.
        AND (payout.found_payout_id IS NULL OR EXISTS (
            SELECT FROM provider_operation reversal WHERE reversal.subject_id = payout.id
                AND reversal.kind = 'transfer_reversal' AND reversal.state = 'sent'))
    GROUP BY payout.id ORDER BY min(since) LIMIT $3
"""
# Half a minute, a minute, two … and then every six hours: whoever breaks first is asked last.
_REST = """
    UPDATE payout SET failures = failures + 1, rests_until = $2::timestamptz
        + least(interval '30 s' * 2 ^ least(failures, 12), interval '6 h')
    WHERE id = $1
"""
_RESTED = "UPDATE payout SET failures = 0, rests_until = NULL WHERE id = $1 AND failures > 0"


async def pay_payout(*, payout_id: UUID, gateway: ConnectGateway, now: datetime) -> PayoutState:
    """Take one payout as far as it goes now; safe to repeat, to interrupt and to race.

    Raises UnexpectedAnswer where the provider says what our books cannot agree with.
    """
    while True:
        before = await _read(payout_id)
        await _step(before, gateway, now)
        after = await _read(payout_id)
        if (after.state, after.attempt) == (before.state, before.attempt):
            return after.state


async def pay_batch(
    *,
    batch_id: UUID,
    gateway: ConnectGateway,
    now: datetime,
    tell: Tell | None = None,
    at_once: int = AT_ONCE,
) -> Counter[PayoutState]:
    """Take all payouts of an approved batch as far as they go; how many ended in which state.

    `tell` hears of each. Safe beside the worker and beside itself.
    """
    async with transaction(SYSTEM, read_only=True) as connection:
        rows = await connection.fetch(_OF_BATCH, batch_id)
    ended = await _pay_all([row["id"] for row in rows], gateway, now, tell, at_once)
    return Counter(ended.values())


async def carry_on_due(*, gateway: ConnectGateway, now: datetime, limit: int = BATCH) -> int:
    """Carry on with payouts whose time has come: lost jobs, open calls, retries, late arrivals.

    Answers how many moved; what stays where it is waits for its next time.
    """
    async with transaction(SYSTEM, read_only=True) as connection:
        rows = await connection.fetch(_DUE, now, JOB_HAS, limit)
    before = {row["id"]: PayoutState(row["state"]) for row in rows}
    after = await _pay_all(list(before), gateway, now, None, AT_ONCE)
    return sum(state is not before[payout_id] for payout_id, state in after.items())


async def _pay_all(
    payout_ids: Sequence[UUID],
    gateway: ConnectGateway,
    now: datetime,
    tell: Tell | None,
    at_once: int,
) -> dict[UUID, PayoutState]:
    """Where each ended, without those that a person has to look at.

    One that breaks with something unforeseen does not take the others with it, and rests before
    the worker comes to it again.
    """
    ended: dict[UUID, PayoutState] = {}
    free = asyncio.Semaphore(at_once)

    async def pay(payout_id: UUID) -> None:
        async with free:
            try:
                state = await pay_payout(payout_id=payout_id, gateway=gateway, now=now)
            except ProviderError:
                # A person has to look; the other vendors must not wait for that.
                logger.exception("payout %s cannot go on", payout_id)
                await _note(_REST, payout_id, now)
                return
            except Exception:
                await _note(_REST, payout_id, now)
                raise
            await _note(_RESTED, payout_id)
        ended[payout_id] = state
        if tell is not None:
            tell(payout_id, state)

    broken = await asyncio.gather(*(pay(one) for one in payout_ids), return_exceptions=True)
    for error in broken:
        if error is not None:
            raise error
    return ended


async def _note(what: str, *values: object) -> None:
    async with transaction(SYSTEM) as connection:
        await connection.execute(what, *values)


async def _step(payout: Payout, gateway: ConnectGateway, now: datetime) -> None:
    match payout.state:
        case PayoutState.APPROVED:
            await reserving.reserve(payout_id=payout.id, now=now)
        case PayoutState.RESERVED:
            await transferring.transfer(payout_id=payout.id, gateway=gateway, now=now)
        case PayoutState.TRANSFERRED:
            await cancelling.carry_on(payout_id=payout.id, gateway=gateway, now=now)
            await sending.send(payout_id=payout.id, gateway=gateway, now=now)
        case PayoutState.SENT:
            await following.look(payout_id=payout.id, gateway=gateway, now=now)
        case PayoutState.FAILED | PayoutState.RETURNED:
            await cancelling.carry_on(payout_id=payout.id, gateway=gateway, now=now)
            await retrying.retry_due(payout_id=payout.id, gateway=gateway, now=now)


async def _read(payout_id: UUID) -> Payout:
    async with transaction(SYSTEM, read_only=True):
        return await Payout.get(id=payout_id)
