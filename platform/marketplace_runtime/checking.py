"""Look whether every invariant holds, at one moment, as the application's role."""

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace_runtime.orm import connected
from settlement.invariants.checking import Report, Tell, check_all


async def check(database_url: str, *, tell: Tell | None = None) -> Report:
    """Every check over one moment of this database; changes nothing."""
    async with (
        connected(database_url, pool_size=2),
        transaction(SYSTEM, isolation="REPEATABLE READ", read_only=True) as connection,
    ):
        return await check_all(connection, tell=tell)
