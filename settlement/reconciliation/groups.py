"""Lines of all books that are about one thing, and what they come to."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from settlement.reconciliation import rules
from settlement.reconciliation.facts import Item
from settlement.reconciliation.sides import Side

Place = tuple[str, str]  # account and currency


@dataclass(frozen=True, slots=True)
class Group:
    """`ours` are the ledger's lines, `theirs` the provider's or the bank's, each in time."""

    key: str
    ours: Sequence[Item]
    theirs: Sequence[Item]

    @property
    def all(self) -> list[Item]:
        return [*self.ours, *self.theirs]

    @property
    def agrees(self) -> bool:
        """Both say the same gross, fee and net."""
        return not self.differences() and not self.hidden()

    def differences(self, until: date | None = None) -> dict[Place, int]:
        """Theirs less ours, net, by account and currency; only what is not zero."""
        return difference(self.ours, self.theirs, until)

    def hidden(self) -> dict[Place, int]:
        """The same of the gross, which a fee that is wrong by as much hides from the net.

        Nothing where a person has corrected our side: such a posting settles the net alone.
        """
        if any(item.kind in rules.CORRECTIONS for item in self.ours):
            return {}
        sums: Counter[Place] = Counter()
        for sign, items in ((-1, self.ours), (1, self.theirs)):
            for item in items:
                sums[item.account, item.currency] += sign * item.amount_minor
        return {place: amount for place, amount in sorted(sums.items()) if amount != 0}


def gather(items: Iterable[Item]) -> list[Group]:
    """One group for each key, in the order of keys."""
    ours: dict[str, list[Item]] = defaultdict(list)
    theirs: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        (ours if item.side is Side.LEDGER else theirs)[item.key].append(item)
    keys = sorted(ours.keys() | theirs.keys())
    return [Group(key, _sorted(ours.get(key, ())), _sorted(theirs.get(key, ()))) for key in keys]


def difference(
    ours: Iterable[Item], theirs: Iterable[Item], until: date | None = None
) -> dict[Place, int]:
    sums: Counter[Place] = Counter()
    for sign, items in ((-1, ours), (1, theirs)):
        for item in items:
            if until is None or item.day <= until:
                sums[item.account, item.currency] += sign * item.net_minor
    return {place: amount for place, amount in sorted(sums.items()) if amount != 0}


def _sorted(items: Iterable[Item]) -> list[Item]:
    return sorted(items, key=lambda item: (item.day, item.item))
