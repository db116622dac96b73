"""All that must hold, and one call that looks whether it does."""

from dataclasses import dataclass
from typing import Any

from settlement.invariants import (
    books,
    commission,
    earnings,
    hearing,
    history,
    payments,
    promises,
    quantities,
    stock,
    stories,
    sums,
)
from settlement.invariants.check import Violation

CHECKS = (
    *sums.CHECKS,
    *stock.CHECKS,
    *payments.CHECKS,
    *books.CHECKS,
    *earnings.CHECKS,
    *stories.CHECKS,
    *quantities.CHECKS,
    *history.CHECKS,
    *promises.CHECKS,
    *commission.CHECKS,
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

    def __str__(self) -> str:
        lines = [f"{v.check}: {v.subject}: {v.detail}" for v in self.violations]
        late = f", {self.waiting} events on their way to the ledger" if self.waiting else ""
        return "\n".join([*lines, f"{self.checked} checked, {self.violated} violated{late}"])


async def check_all(connection: Any) -> Report:
    """Look at everything once; reads only.

    Wants a transaction of the system's scope that sees one moment (REPEATABLE READ, read only):
    otherwise work that goes on meanwhile looks like a violation.
    """
    violations = [violation for check in CHECKS for violation in await check.violations(connection)]
    waiting = await connection.fetchval(hearing.WAITING)
    return Report(len(CHECKS), tuple(violations), waiting)
