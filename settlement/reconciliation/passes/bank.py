"""Fourth pass: which booking at the bank is which payout of ours."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from settlement.reconciliation.facts import Item, PayoutFact
from settlement.reconciliation.outcomes import Link

# Characters of a trace that names anything, and of a name that banks may glue to other words.
SHORTEST = 6
UNMISTAKABLE = 15


@dataclass(slots=True)
class Waiting:
    """Bookings that are nobody's yet and payouts that have not arrived; both in time.

    `arrived` are payouts whose booking is known already.
    """

    lines: list[Item]
    payouts: list[PayoutFact]
    arrived: Sequence[PayoutFact] = ()
    links: list[Link] = field(default_factory=list)

    def take_back(self, back: Item, arrival: Item) -> None:
        """The payouts of an arrival are on their way again."""
        payouts = (arrival.subject or "").split(",")
        self.links.append(
            Link(lines=[back.item], payouts=payouts, rule="reversed", takes_back=arrival.item)
        )
        self.lines = [line for line in self.lines if line != back]

    def take(self, lines: Sequence[Item], payouts: Sequence[PayoutFact], rule: str) -> None:
        self.links.append(
            Link(
                lines=[line.item for line in lines],
                payouts=[payout.payout_id for payout in payouts],
                rule=rule,
            )
        )
        self.lines = [line for line in self.lines if line not in lines]
        self.payouts = [payout for payout in self.payouts if payout not in payouts]
        self.arrived = [*self.arrived, *payouts]


def look(waiting: Waiting) -> None:
    """Take out what a booking names: the payout's id or its trace, and the amount to the cent."""
    for payout in list(waiting.payouts):
        named = [line for line in waiting.lines if names(line, payout)]
        one = next((line for line in named if line.net_minor == payout.amount_minor), None)
        if one is not None:
            waiting.take([one], [payout], "reference")
        elif named and sum(line.net_minor for line in named) == payout.amount_minor:
            waiting.take(named, [payout], "reference_many_lines")
    for line in list(waiting.lines):
        of = [payout for payout in waiting.payouts if names(line, payout)]
        if len(of) > 1 and sum(payout.amount_minor for payout in of) == line.net_minor:
            waiting.take([line], of, "reference_many_payouts")


def names(line: Item, payout: PayoutFact) -> bool:
    """Whether a booking's words hold the payout's id or trace, whole. Banks change case and add
    blanks; what is short stands in many words by chance."""
    if line.currency != payout.currency:
        return False
    trace = _plain(payout.trace or "")
    known = [_plain(payout.payout_id), *([trace] if len(trace) >= SHORTEST else [])]
    return any(_holds(line.words.casefold(), one) for one in known)


def says(line: Item, payout_id: str) -> bool:
    """Whether a booking's words hold a payout's id, whole."""
    return payout_id != "" and _holds(line.words.casefold(), _plain(payout_id))


def _holds(words: str, name: str) -> bool:
    """As a word of its own: neither a letter nor a digit stands right before or behind it. What
    is long enough is no accident inside another word, either."""
    if name not in _plain(words):
        return False
    if len(name) >= UNMISTAKABLE:
        return True
    spread = r"\s*".join(map(re.escape, name))
    return re.search(rf"(?<![^\W_]){spread}(?![^\W_])", words) is not None


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()
