"""First pass: one thing, known by the provider's own id, says the same in both books."""

from collections import Counter

from settlement.reconciliation.groups import Group
from settlement.reconciliation.outcomes import Match, Pass


def look(group: Group) -> Match | None:
    """Matched where each account has one line of theirs, and ours say the same."""
    if not group.ours or not group.theirs or not group.agrees:
        return None
    if max(Counter(item.account for item in group.theirs).values()) > 1:
        return None
    return Match(
        key=group.key,
        passed=Pass.EXACT,
        rule="provider_id",
        confidence=100,
        items=[item.item for item in group.all],
    )
