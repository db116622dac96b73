"""What PostgreSQL says of how it runs a statement."""

from collections.abc import Iterator
from typing import Any


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)


def conditions(plan: dict[str, Any], relation: str) -> set[str]:
    """By what an index leads to a table's rows; empty where it is read from end to end."""
    return {
        node.get("Index Cond") or node.get("Recheck Cond", "")
        for node in nodes(plan)
        if node.get("Relation Name") == relation
    }
