"""Give a difference between two books its name.

What a name rests on is in the lines themselves, so the same lines always get the same name.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations

from settlement.reconciliation import business_days, rules
from settlement.reconciliation.facts import Inputs, Item
from settlement.reconciliation.groups import Group, Place, difference
from settlement.reconciliation.models import PLATFORM
from settlement.reconciliation.outcomes import Finding
from settlement.reconciliation.run_models import BreakCode

MOST_LINES = 8  # of one side: which of more are too many is not guessed
# These can wait for the end of a month, and then belong to the next.
DATED = frozenset({BreakCode.M1, BreakCode.R1, BreakCode.A2})


def name(group: Group, inputs: Inputs) -> Finding:
    """What kind of difference it is, where, and by how much. The group has one."""
    (account, currency), amount = _main(group.differences() or group.hidden())
    code, lines = _code(group, inputs.until)
    day = min(item.day for item in lines)
    said = rules.NAMES[code]
    if code in DATED and inputs.closed_through is not None and day <= inputs.closed_through:
        code = BreakCode.P1
    return Finding(
        key=group.key,
        code=code,
        account=account,
        currency=currency,
        amount_minor=amount,
        detail=f"{said}: {', '.join(dict.fromkeys(line.kind for line in lines))}",
        items=[item.item for item in group.all],
        day=day,
        subject=next((item.subject for item in group.all if item.subject), None),
    )


def _main(differences: dict[Place, int]) -> tuple[Place, int]:
    """The platform's own account where it is concerned, else the first."""
    places = sorted(differences, key=lambda place: (place[0] != PLATFORM, place))
    return places[0], differences[places[0]]


def _code(group: Group, until: date) -> tuple[BreakCode, Sequence[Item]]:
    """The code, and the lines that it is about."""
    if not group.ours:
        return _only_theirs(group), group.theirs
    if not group.theirs:
        return _alone(group.ours, until), group.ours
    if not {item.currency for item in group.ours} & {item.currency for item in group.theirs}:
        is_exchanged = any(item.rate for item in group.theirs)
        return BreakCode.A3 if is_exchanged else BreakCode.C1, group.theirs
    return _both(group, until)


def _only_theirs(group: Group) -> BreakCode:
    if any(item.kind in rules.RESERVES for item in group.theirs):
        return BreakCode.R1
    if any(item.rival for item in group.theirs):
        return BreakCode.D1
    if all(rules.is_routable(item.kind, item.category) for item in group.theirs):
        return BreakCode.M1
    return BreakCode.X1


def _alone(ours: Sequence[Item], until: date) -> BreakCode:
    age = business_days.between(max(item.day for item in ours), until)
    return BreakCode.T1 if age <= rules.PENDING_DAYS else BreakCode.M2


def _both(group: Group, until: date) -> tuple[BreakCode, Sequence[Item]]:
    if not group.differences():
        return BreakCode.A1, group.theirs
    too_many = _extra(group.ours, group.theirs)
    if too_many and _has_twins(too_many, group.ours):
        return BreakCode.D3, too_many
    if not difference(_gross(group.ours), _gross(group.theirs)):
        is_booked = any(item.fee_minor for item in group.ours)
        return BreakCode.A2 if is_booked else BreakCode.M1, group.theirs
    unheard = _extra(group.theirs, group.ours)
    if unheard:
        if any(item.kind in rules.FAILURES for item in unheard):
            return BreakCode.S1, unheard
        is_twice = _has_twins(unheard, group.theirs)
        return BreakCode.D1 if is_twice else BreakCode.M1, unheard
    if too_many:
        return _alone(too_many, until), too_many
    return BreakCode.A1, group.theirs


def _extra(of: Sequence[Item], other: Sequence[Item]) -> Sequence[Item]:
    """The fewest lines of one side without which both agree, the latest first; or none."""
    if len(of) > MOST_LINES:
        return ()
    for less in _fewest(of):
        rest = [item for item in of if item not in less]
        if rest and not difference(rest, other):
            return less
    return ()


def _fewest(of: Sequence[Item]) -> Iterator[Sequence[Item]]:
    latest_first = list(reversed(of))
    for count in range(1, len(of)):
        yield from combinations(latest_first, count)


def _has_twins(lines: Sequence[Item], among: Sequence[Item]) -> bool:
    """Each of these lines stands beside another that says the same."""
    rest = [_said(item) for item in among if item not in lines]
    return all(_said(item) in rest for item in lines)


def _said(item: Item) -> tuple[object, ...]:
    return item.account, item.kind, item.currency, item.amount_minor, item.fee_minor


def _gross(items: Sequence[Item]) -> list[Item]:
    """The lines as if there were no fees, where they moved anything else."""
    return [
        Item(
            item=item.item, side=item.side, account=item.account, key=item.key, kind=item.kind,
            category=item.category, currency=item.currency, amount_minor=item.amount_minor,
            fee_minor=0, day=item.day,
        )
        for item in items
    ]  # fmt: skip
