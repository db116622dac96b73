"""Fourth pass: which booking at the bank is which payout of ours."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from settlement.reconciliation.facts import Item, PayoutFact
from settlement.reconciliation.outcomes import Link


@dataclass(slots=True)
class Waiting:
    """Bookings that are nobody's yet and payouts that have not arrived; both in time.

    `arrived` are payouts whose booking is known already.
    """

    lines: list[Item]
    payouts: list[PayoutFact]
    arrived: Sequence[PayoutFact] = ()
    links: list[Link] = field(default_factory=list)

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
    """Whether a booking's words hold the payout's id or trace. Banks change case and add blanks."""
    if line.currency != payout.currency:
        return False
    words = "".join(line.words.split()).casefold()
    known = [payout.payout_id, payout.trace]
    return any(one is not None and "".join(one.split()).casefold() in words for one in known)
