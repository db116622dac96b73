"""Second pass: several lines about one thing come to the same, or to nothing."""

from settlement.reconciliation.groups import Group
from settlement.reconciliation.outcomes import Match, Pass


def look(group: Group) -> Match | None:
    """A capture and its reversed part, a dispute lost and won, a payout sent and taken back."""
    if not group.agrees:
        return None
    is_both = bool(group.ours and group.theirs)
    return Match(
        key=group.key,
        passed=Pass.GROUP,
        rule="sum_of_lines" if is_both else "cancels_out",
        confidence=100,
        items=[item.item for item in group.all],
    )
