"""How often a version that decides beside another one comes to the same."""

from dataclasses import dataclass
from uuid import UUID

from marketplace.kit.transactions import connection

# Both ways: while it looked on, and while it decided and the active one looked on; not what it
# came to before it was changed.
_FIGURES = """
    SELECT count(*) AS compared, count(*) FILTER (WHERE shadow_agrees) AS agreed
    FROM (
        SELECT shadow_agrees, decided_at FROM routing_decision WHERE shadow_id = $1
        UNION ALL
        SELECT shadow_agrees, decided_at FROM routing_decision
        WHERE rule_set_id = $1 AND shadow_id IS NOT NULL
    ) decision
    WHERE decided_at >= (SELECT shadowed_at FROM routing_rule_set WHERE id = $1)
"""


@dataclass(frozen=True, slots=True)
class Figures:
    compared: int
    agreed: int

    @property
    def percent(self) -> str:
        """With one digit, never rounded up: 100.0 means all."""
        if not self.compared:
            return "0.0"
        tenths = self.agreed * 1000 // self.compared
        return f"{tenths // 10}.{tenths % 10}"

    def __str__(self) -> str:
        return f"{self.percent} percent of {self.compared} decisions agreed"


async def of(rule_set_id: UUID) -> Figures:
    row = await connection().fetchrow(_FIGURES, rule_set_id)
    return Figures(row["compared"], row["agreed"])
