"""Every day, once it is over: read the provider's books and compare."""

from datetime import UTC, date, datetime, timedelta

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from settlement.reconciliation import pulling, running
from settlement.reconciliation.provider_books import ProviderBooks

# The day's last lines are there by then, and its last news has been heard.
REST = timedelta(hours=1)
# A run of a day that was not over yet has not seen all of it.
_DONE = """
    SELECT EXISTS (SELECT 1 FROM reconciliation_run
        WHERE until >= $1 AND (started_at AT TIME ZONE 'UTC')::date > $1)
"""


async def work_off(*, books: ProviderBooks, now: datetime) -> int:
    """Reconcile the day that is over, if nobody has; how many runs that was.

    A tick that dies leaves nothing half done: the next one begins again, or does what a run that
    was kept had left to do.
    """
    await running.carry_on(now=now)
    day = day_over(now)
    async with transaction(SYSTEM, read_only=True) as connection:
        if await connection.fetchval(_DONE, day):
            return 0
    await pulling.pull(gateway=books, now=now)
    await running.run(principal=SYSTEM, until=day, now=now)
    return 1


def day_over(now: datetime) -> date:
    """The last day, UTC, whose books can be compared."""
    return (now.astimezone(UTC) - REST).date() - timedelta(days=1)
