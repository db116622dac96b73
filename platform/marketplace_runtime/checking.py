"""Look whether every invariant holds, at one moment, as the application's role."""

from collections.abc import AsyncIterator

from marketplace.kit.principal import SYSTEM
from marketplace.kit.transactions import transaction
from marketplace_runtime.orm import connected
from settlement.invariants import hearing
from settlement.invariants.check import Check, Violation
from settlement.invariants.checking import CHECKS


async def results(database_url: str) -> AsyncIterator[tuple[Check, list[Violation]]]:
    """Each check with what it found, as it is found; reads only, and sees one moment."""
    async with (
        connected(database_url, pool_size=2),
        transaction(SYSTEM, isolation="REPEATABLE READ", read_only=True) as connection,
    ):
        for check in CHECKS:
            yield check, await check.violations(connection)


async def waiting(database_url: str) -> int:
    """News of money on its way to the ledger: late, not wrong."""
    async with (
        connected(database_url, pool_size=2),
        transaction(SYSTEM, read_only=True) as connection,
    ):
        count: int = await connection.fetchval(hearing.WAITING)
        return count
