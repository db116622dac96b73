"""The bank's side: payouts that should arrive, and bookings that should be ours."""

from collections.abc import Sequence

from settlement.reconciliation import business_days, naming, rules
from settlement.reconciliation.facts import Inputs, Item, PayoutFact
from settlement.reconciliation.groups import Group
from settlement.reconciliation.outcomes import Finding, Link, Match
from settlement.reconciliation.passes import bank, suggested, taken_back
from settlement.reconciliation.passes.bank import Waiting
from settlement.reconciliation.run_models import BreakCode
from settlement.reconciliation.sides import Side

LINE = "line:"  # keys of bookings at the bank
TRANSIT = "transit:"  # keys of what is on its way there, by payout
GONE = frozenset({"failed", "canceled"})


def is_at_bank(group: Group) -> bool:
    """A booking nobody has booked here, or money on its way to the bank."""
    if group.key.startswith(TRANSIT):
        return True
    return group.key.startswith(LINE) and not group.ours


def work_off(
    left: Sequence[Group], inputs: Inputs
) -> tuple[list[Match], list[Link], list[Finding]]:
    """Match what was taken back, link what names each other; name the rest: late, missing, twice,
    or unknown."""
    facts = {fact.payout_id: fact for fact in inputs.transits}
    on_its_way = {g.key.removeprefix(TRANSIT): g for g in left if g.key.startswith(TRANSIT)}
    odd = [g for g in on_its_way.values() if not _is_expected(g, facts)]
    expected = {id_: g for id_, g in on_its_way.items() if g not in odd}
    lines = [item for g in left if g.key.startswith(LINE) for item in g.theirs]
    waiting = Waiting(
        lines=sorted(lines, key=lambda line: (line.day, line.item)),
        payouts=[fact for fact in inputs.transits if fact.payout_id in expected],
        arrived=[fact for fact in inputs.transits if fact.payout_id not in on_its_way],
    )
    matches = taken_back.look(waiting, inputs.arrivals)
    findings = [naming.name(group, inputs) for group in odd]
    findings += [_taken_back(line) for line in waiting.lines if line.is_reversal]
    waiting.lines = [line for line in waiting.lines if not line.is_reversal]
    bank.look(waiting)
    findings += [_twice(line) for line in waiting.lines if _is_twice(line, waiting)]
    waiting.lines = [line for line in waiting.lines if not _is_twice(line, waiting)]
    ideas = suggested.suggest(waiting)
    findings += [_unknown(line, ideas.get(line.item, [])) for line in waiting.lines]
    thought_of = [payout for few in ideas.values() for payout in few]
    for payout in waiting.payouts:
        if payout not in thought_of:
            findings += _late(payout, expected[payout.payout_id], inputs)
    return matches, waiting.links, findings


def _is_expected(group: Group, facts: dict[str, PayoutFact]) -> bool:
    """What is on its way is the payout, whole."""
    fact = facts.get(group.key.removeprefix(TRANSIT))
    on_its_way = sum(item.net_minor for item in group.ours)
    return fact is not None and on_its_way == fact.amount_minor


def _is_twice(line: Item, waiting: Waiting) -> bool:
    return line.is_repeated or any(bank.names(line, payout) for payout in waiting.arrived)


def _twice(line: Item) -> Finding:
    return _of_line(line, BreakCode.D2, line.words)


def _taken_back(line: Item) -> Finding:
    """Nobody can say for certain which booking it was."""
    if line.is_repeated:
        return _twice(line)
    return _of_line(line, BreakCode.U1, f"taken back by the bank, {line.words}")


def _unknown(line: Item, idea: Sequence[PayoutFact]) -> Finding:
    names = ",".join(payout.payout_id for payout in idea)
    return _of_line(line, BreakCode.U1, line.words, suggestion=names or None)


def _of_line(line: Item, code: BreakCode, words: str, *, suggestion: str | None = None) -> Finding:
    assert line.side is Side.BANK
    return Finding(
        key=line.key,
        code=code,
        account=line.account,
        currency=line.currency,
        amount_minor=line.net_minor,
        detail=f"{rules.NAMES[code]}: {words}",
        items=[line.item],
        day=line.day,
        suggestion=suggestion,
    )


def _late(payout: PayoutFact, group: Group, inputs: Inputs) -> list[Finding]:
    if payout.status in GONE or inputs.until < payout.arrival:
        return []
    is_lost = inputs.until > business_days.after(payout.arrival, rules.BANK_DAYS)
    code = BreakCode.M3 if is_lost else BreakCode.T2
    return [
        Finding(
            key=group.key,
            code=code,
            account=group.ours[0].account,
            currency=payout.currency,
            amount_minor=-payout.amount_minor,
            detail=f"{rules.NAMES[code]}: due {payout.arrival.isoformat()}",
            items=[item.item for item in group.all],
            day=payout.arrival,
            subject=payout.subject,
        )
    ]
