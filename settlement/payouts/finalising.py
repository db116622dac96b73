"""A paid payout is final when the days have passed in which a bank may send it back."""

from datetime import UTC, datetime, timedelta

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction

BUSINESS_DAYS = 5
_FINALISE = """
    UPDATE payout SET final_at = $1 WHERE id IN (
        SELECT id FROM payout WHERE state = 'paid' AND final_at IS NULL AND paid_at <= $2
        ORDER BY paid_at LIMIT $3 FOR UPDATE SKIP LOCKED)
    RETURNING id
"""


async def finalise_due(*, now: datetime, limit: int = 500) -> int:
    """Mark up to `limit` payouts as final; how many that were. Any number may run at once."""
    async with transaction(SYSTEM) as connection:
        return len(await connection.fetch(_FINALISE, now, business_days_before(now), limit))


def business_days_before(now: datetime, days: int = BUSINESS_DAYS) -> datetime:
    """The same time of day so many Mondays to Fridays ago; holidays only make it later."""
    moment = now.astimezone(UTC)
    while days:
        moment -= timedelta(days=1)
        days -= moment.isoweekday() <= 5
    return moment
