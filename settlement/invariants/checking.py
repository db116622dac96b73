"""All that must hold, and one call that looks whether it does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from settlement.invariants import (
    adjustments,
    books,
    commission,
    deadlines,
    disputes,
    earnings,
    hearing,
    history,
    payments,
    payouts,
    promises,
    quantities,
    reconciliation,
    routing,
    settling,
    standing,
    statements,
    stock,
    stories,
    sums,
)
from settlement.invariants.check import Check, Violation

Tell: TypeAlias = Callable[[Check, Sequence[Violation]], None]

CHECKS = (
    *sums.CHECKS,
    *stock.CHECKS,
    *payments.CHECKS,
    *books.CHECKS,
    *earnings.CHECKS,
    *statements.CHECKS,
    *stories.CHECKS,
    *settling.CHECKS,
    *payouts.CHECKS,
    *quantities.CHECKS,
    *deadlines.CHECKS,
    *history.CHECKS,
    *promises.CHECKS,
    *commission.CHECKS,
    *disputes.CHECKS,
    *adjustments.CHECKS,
    *reconciliation.CHECKS,
    *routing.CHECKS,
    *standing.CHECKS,
)


@dataclass(frozen=True, slots=True)
class Report:
    """`waiting` counts news of money on its way to the ledger, which is late and not wrong."""

    checked: int
    violations: tuple[Violation, ...]
    waiting: int

    @property
    def violated(self) -> int:
        """How many of the checks found something."""
        return len({violation.check for violation in self.violations})

    @property
    def summary(self) -> str:
        late = f", {self.waiting} events on their way to the ledger" if self.waiting else ""
        return f"{self.checked} checked, {self.violated} violated{late}"

    def __str__(self) -> str:
        lines = [f"{v.check}: {v.subject}: {v.detail}" for v in self.violations]
        return "\n".join([*lines, self.summary])


async def check_all(
    connection: Any, *, tell: Tell | None = None, checks: Sequence[Check] = CHECKS
) -> Report:
    """Look at everything once; reads only. `tell` hears of each check as it is done.

    Wants a transaction of the system's scope that sees one moment (REPEATABLE READ, read only):
    otherwise work that goes on meanwhile looks like a violation.
    """
    violations: list[Violation] = []
    # Row security hides from the planner that all rows will be read; it would loop over them.
    await connection.execute("SET LOCAL enable_nestloop = off")
    for check in checks:
        found = await check.violations(connection)
        violations += found
        if tell is not None:
            tell(check, found)
    await connection.execute("SET LOCAL enable_nestloop = on")
    waiting = await connection.fetchval(hearing.WAITING)
    return Report(len(checks), tuple(violations), waiting)
