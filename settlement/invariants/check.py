"""A statement that must always be true, and the query that finds what breaks it."""

from dataclasses import dataclass
from typing import Any, Final

PATIENCE: Final = 3600.0  # seconds: a check reads the whole history, which may be years of it


@dataclass(frozen=True, slots=True)
class Violation:
    """`subject` names the row as people do where it has a number, else by its id."""

    check: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Check:
    """`sql` reads only, and answers with subject and detail of each thing that is wrong."""

    name: str
    sentence: str
    sql: str

    async def violations(self, connection: Any, *, limit: int = 20) -> list[Violation]:
        """The first `limit` of them; empty is what it should be. Needs the scope of all rows."""
        query = f"SELECT subject, detail FROM ({self.sql}) found ORDER BY subject LIMIT $1"
        rows = await connection.fetch(query, limit, timeout=PATIENCE)
        return [Violation(self.name, row["subject"], row["detail"]) for row in rows]
