"""Look whether every invariant holds, at one moment, as the application's role."""

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace_runtime.orm import connected
from settlement.invariants import checking
from settlement.invariants.check import Check
from settlement.invariants.checking import Report, Tell

# Of how the database is kept, so that it says nothing about a test's own times.
_KEPT = Check(
    "months-hold-everything",
    "Every event and every change of state lies in its month's table.",
    "SELECT subject, detail FROM outside_months()",
)
CHECKS = (*checking.CHECKS, _KEPT)


async def check(database_url: str, *, tell: Tell | None = None) -> Report:
    """Every check over one moment of this database; changes nothing."""
    async with (
        connected(database_url, pool_size=2),
        transaction(SYSTEM, isolation="REPEATABLE READ", read_only=True) as connection,
    ):
        return await checking.check_all(connection, tell=tell, checks=CHECKS)
