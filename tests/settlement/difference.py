"""What an error, or a hand in the database, might leave, and which check must find it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """SQL that breaks one thing, the check that must find it, and others it cannot but break."""

    check: str
    sql: str
    also: frozenset[str] = frozenset()
