"""Proof of cash: their closing balance, ours, and every cent between them explained."""

from collections import defaultdict
from collections.abc import Sequence

from settlement.reconciliation.facts import Cash, Inputs, Item
from settlement.reconciliation.groups import Place, difference
from settlement.reconciliation.outcomes import Finding, Link, Match, Proof
from settlement.reconciliation.sides import Side


def prove(
    inputs: Inputs,
    matches: Sequence[Match],
    links: Sequence[Link],
    findings: Sequence[Finding],
) -> list[Proof]:
    """One proof for each account, with what explains it by key.

    A difference is explained by a break, or by timing: lines that agree and stand on different
    sides of midnight, and bookings at the bank that were recognised just now.
    """
    items = {item.item: item for item in inputs.items}
    breaks = _explained(inputs, items, [(one.key, one.items) for one in findings])
    agreed = [(match.key, match.items) for match in matches]
    agreed += [(line, [line]) for link in links for line in link.lines]
    timing = _explained(inputs, items, agreed)
    return [_proof(cash, breaks, timing) for cash in inputs.cash]


Explained = dict[Place, dict[str, int]]


def _explained(
    inputs: Inputs, items: dict[str, Item], named: Sequence[tuple[str, Sequence[str]]]
) -> Explained:
    """What each of these contributes to the difference of which account, by the last day."""
    explained: Explained = defaultdict(dict)
    for key, of in named:
        lines = [items[item] for item in of]
        ours = [line for line in lines if line.side is Side.LEDGER]
        theirs = [line for line in lines if line.side is not Side.LEDGER]
        for place, amount in difference(ours, theirs, inputs.until).items():
            explained[place][key] = amount
    return explained


def _proof(cash: Cash, breaks: Explained, timing: Explained) -> Proof:
    place = (cash.account, cash.currency)
    by_break, by_timing = breaks.get(place, {}), timing.get(place, {})
    closing = cash.opening_minor + cash.moved_minor
    known = sum(by_break.values()) + sum(by_timing.values())
    return Proof(
        account=cash.account,
        code=cash.code,
        vendor_id=cash.vendor_id,
        currency=cash.currency,
        opening_minor=cash.opening_minor,
        moved_minor=cash.moved_minor,
        closing_minor=closing,
        stated_minor=cash.stated_minor,
        ledger_minor=cash.ledger_minor,
        breaks_minor=sum(by_break.values()),
        timing_minor=sum(by_timing.values()),
        explained_by=by_timing | by_break,
        is_proven=closing - cash.ledger_minor == known and cash.stated_minor in (None, closing),
    )
