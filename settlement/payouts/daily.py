"""What the day brings: earnings that mature, reserves that are released, a batch that is due.

Each piece is a transaction of its own that takes what is due: a tick that dies loses nothing, and
two at once share the work.
"""

from datetime import datetime

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from settlement.earnings import maturing, reserving
from settlement.payouts import candidates, cycles, drafting


async def work_off(*, now: datetime) -> int:
    """Work off one piece of each; how much it was, zero when nothing is left.

    The day's batch is drafted once nothing is left to mature, so that it pays what can be paid.
    """
    released = await reserving.release_due(now=now)
    matured = await maturing.mature_due(now=now)
    if released or matured:
        return released + matured
    day = cycles.day_of(now)
    async with transaction(SYSTEM, read_only=True):
        if not await candidates.is_batch_due(day, now=now):
            return 0
    batch_id = await drafting.draft_cycle(day=day, principal=SYSTEM, now=now)
    return 0 if batch_id is None else 1
