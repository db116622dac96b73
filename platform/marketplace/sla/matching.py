"""Which rule a deadline is set by: of its kind the first that fits, in the policy's own order."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import time
from uuid import UUID

from marketplace.sla.models import ClockKind
from marketplace.sla.policy_models import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`amount` hours or days of the unit; None in a condition fits everything."""

    id: UUID
    kind: ClockKind
    vendor_tier: str | None
    category: str | None
    shipping_method: str | None
    amount: int
    unit: Unit
    warn_hours: int
    cut_off: time | None


def first(
    rules: Iterable[Rule],
    *,
    kind: ClockKind,
    tier: str,
    categories: Collection[str],
    shipping_method: str,
) -> Rule | None:
    """The rule that sets this deadline, if there is one.

    A rule of a category fits what has at least one line of it.
    """
    for rule in rules:
        if (
            rule.kind is kind
            and rule.vendor_tier in (None, tier)
            and (rule.category is None or rule.category in categories)
            and rule.shipping_method in (None, shipping_method)
        ):
            return rule
    return None
