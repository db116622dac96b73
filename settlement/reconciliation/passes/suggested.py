"""Last pass: what an amount and a day suggest. A person says whether it is so."""

from itertools import combinations

from settlement.reconciliation import business_days, rules
from settlement.reconciliation.facts import Item, PayoutFact
from settlement.reconciliation.passes.bank import Waiting

MOST_CANDIDATES = 12


def suggest(waiting: Waiting) -> dict[str, list[PayoutFact]]:
    """Payouts that a booking without a reference may be, by the booking's item.

    One payout of the amount around its arrival, or the only few together that come to it.
    """
    suggested: dict[str, list[PayoutFact]] = {}
    left = list(waiting.payouts)
    for line in waiting.lines:
        near = [payout for payout in left if _is_near(line, payout)][:MOST_CANDIDATES]
        found = _one(line, near) or _few(line, near)
        if found:
            suggested[line.item] = found
            left = [payout for payout in left if payout not in found]
    return suggested


def _one(line: Item, near: list[PayoutFact]) -> list[PayoutFact]:
    return [payout for payout in near if payout.amount_minor == line.net_minor][:1]


def _few(line: Item, near: list[PayoutFact]) -> list[PayoutFact]:
    found = [
        few
        for count in range(2, rules.MOST_TOGETHER + 1)
        for few in combinations(near, count)
        if sum(payout.amount_minor for payout in few) == line.net_minor
    ]
    return list(found[0]) if len(found) == 1 else []


def _is_near(line: Item, payout: PayoutFact) -> bool:
    first, last = sorted((line.day, payout.arrival))
    is_close = business_days.between(first, last) <= rules.SUGGEST_DAYS
    return is_close and line.currency == payout.currency
