"""What a version says otherwise than the one that decides now, in words."""

from collections.abc import Mapping
from typing import Any

from marketplace.kit.money import Money
from marketplace.routing.models import RoutingRuleSet

NAMES = {
    "mode": "How rankers count", "rankers": "Rankers", "bearer": "Who pays a dearer replacement",
    "dearest_percent": "Dearest replacement",
}  # fmt: skip


def differences(
    active: RoutingRuleSet, other: RoutingRuleSet, *, currency: str
) -> list[tuple[str, str, str]]:
    """What, as the active version has it, as this one has it; rows are known by their names."""
    found = [
        (name, _told(active.document.get(key)), _told(other.document.get(key)))
        for key, name in NAMES.items()
    ]
    before, after = _rows(active.document, currency), _rows(other.document, currency)
    found += [
        (f"Row “{name}”", before.get(name, "not there"), after.get(name, "not there"))
        for name in dict.fromkeys([*before, *after])
    ]
    return [(what, old, new) for what, old, new in found if old != new]


def _rows(document: Mapping[str, Any], currency: str) -> dict[str, str]:
    return {row["name"]: _told(_in_money(row, currency)) for row in document.get("rows", [])}


def _in_money(row: Mapping[str, Any], currency: str) -> dict[str, Any]:
    return {
        key: str(Money(kept, currency)) if key.endswith("_minor") and kept is not None else kept
        for key, kept in row.items()
    }


def _told(value: object) -> str:
    if isinstance(value, Mapping):
        filled = {key: kept for key, kept in value.items() if kept not in (None, "", [])}
        return "; ".join(
            f"{key.replace('_minor', '')} {_told(kept)}"
            for key, kept in filled.items()
            if key != "name"
        )
    if isinstance(value, list):
        return ", ".join(_ranker(one) if isinstance(one, Mapping) else str(one) for one in value)
    return "not said" if value is None else str(value)


def _ranker(one: Mapping[str, Any]) -> str:
    return f"{one['name']} {one.get('weight', 1)}"
