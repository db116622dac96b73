"""Third pass: what the provider charges for itself, by its type."""

from settlement.reconciliation import rules
from settlement.reconciliation.groups import Group
from settlement.reconciliation.outcomes import Match, Pass


def look(group: Group) -> Match | None:
    """Lines that are nothing but the provider's fees, booked by us under their own id."""
    if not group.ours or group.differences():
        return None
    if not group.theirs or not all(item.kind in rules.FEES for item in group.theirs):
        return None
    return Match(
        key=group.key,
        passed=Pass.FEES,
        rule=group.theirs[0].kind,
        confidence=100,
        items=[item.item for item in group.all],
    )
