"""What the bank took back: a reversal goes with the booking that it reverses.

Where that booking is nobody's yet, both come to nothing. Where it was a payout's arrival, the
payout is on its way again. A reversal that may be of several bookings is a person's to place.
"""

from collections.abc import Sequence

from settlement.reconciliation import business_days, rules
from settlement.reconciliation.facts import Item
from settlement.reconciliation.outcomes import Match, Pass
from settlement.reconciliation.passes import bank
from settlement.reconciliation.passes.bank import Waiting

CERTAIN, LIKELY = 100, 90


def look(waiting: Waiting, arrivals: Sequence[Item]) -> list[Match]:
    """Take out each reversal with what it takes back; the matches of those that nobody booked.

    `arrivals` are bookings of payouts that may be taken back, their payouts as `subject`.
    """
    matches: list[Match] = []
    booked = list(arrivals)
    for back in [line for line in waiting.lines if line.is_reversal]:
        nobodys = _alike([line for line in waiting.lines if _may_be(line, back, waiting)], back)
        if nobodys and len({line.words for line in nobodys}) == 1:
            # They say the same: the one too many, or the last.
            line = max(nobodys, key=lambda one: (one.is_repeated, one.day, one.item))
            matches.append(_match(line, back))
            waiting.lines = [one for one in waiting.lines if one not in (line, back)]
            continue
        arrived = _alike([line for line in booked if _undoes(back, line, waiting)], back)
        if not nobodys and len(arrived) == 1:
            waiting.take_back(back, arrived[0])
            booked.remove(arrived[0])
    return matches


def _may_be(line: Item, back: Item, waiting: Waiting) -> bool:
    """Of the same account and amount, not long before, naming the same payouts as the reversal."""
    said = (line.account, line.currency, line.net_minor)
    if line.is_reversal or said != (back.account, back.currency, -back.net_minor):
        return False
    if line.day > back.day or business_days.between(line.day, back.day) > rules.REVERSAL_DAYS:
        return False
    known = (*waiting.payouts, *waiting.arrived)
    return all(bank.names(line, one) == bank.names(back, one) for one in known)


def _undoes(back: Item, line: Item, waiting: Waiting) -> bool:
    """A payout's arrival is taken back only by what has its words, or names the payout."""
    if not _may_be(line, back, waiting):
        return False
    named = any(bank.says(back, payout_id) for payout_id in (line.subject or "").split(","))
    return named or back.words == line.words


def _alike(lines: Sequence[Item], back: Item) -> Sequence[Item]:
    """Those with the reversal's own words, or all."""
    return [line for line in lines if line.words == back.words] or lines


def _match(line: Item, back: Item) -> Match:
    return Match(
        key=line.key,
        passed=Pass.GROUP,
        rule="reversed",
        confidence=CERTAIN if line.words == back.words else LIKELY,
        items=[line.item, back.item],
    )
