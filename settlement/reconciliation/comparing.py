"""Compare the books: pass after pass, then names for what is left. Reads nothing but its inputs."""

from settlement.reconciliation import banking, naming, proving, rules
from settlement.reconciliation.facts import Inputs, PayoutFact
from settlement.reconciliation.groups import Group, gather
from settlement.reconciliation.outcomes import Finding, Match, Results
from settlement.reconciliation.passes import exact, fees, grouped
from settlement.reconciliation.run_models import BreakCode

PASSES = (fees.look, exact.look, grouped.look)


def compare(inputs: Inputs) -> Results:
    """Matches, links to the bank, differences with their names, and the proof of each account.

    The same inputs give the same results, in the same order. Refuses nothing; asserts that the
    inputs were collected under these rules.
    """
    assert inputs.rules == rules.VERSION, f"collected under rules {inputs.rules}"
    groups = gather(inputs.items)
    matches: list[Match] = []
    left: list[Group] = []
    for group in groups:
        match = next(filter(None, (look(group) for look in PASSES)), None)
        if match is None:
            left.append(group)
        else:
            matches.append(match)
    at_bank = [group for group in left if banking.is_at_bank(group)]
    taken_back, links, findings = banking.work_off(at_bank, inputs)
    matches += taken_back
    findings += [naming.name(group, inputs) for group in left if not banking.is_at_bank(group)]
    named = {finding.key for finding in findings}
    findings += [_status(fact) for fact in inputs.statuses if fact.payout_id not in named]
    findings.sort(key=lambda finding: finding.key)
    return Results(
        matches=matches,
        links=links,
        findings=findings,
        proofs=proving.prove(inputs, matches, links, findings),
    )


def _status(fact: PayoutFact) -> Finding:
    """Only the news is missing, and it is of that much: back with them, or gone from them."""
    is_back = fact.status in banking.GONE
    return Finding(
        key=fact.payout_id,
        code=BreakCode.S1,
        account=fact.account,
        currency=fact.currency,
        amount_minor=fact.amount_minor if is_back else -fact.amount_minor,
        detail=f"{rules.NAMES[BreakCode.S1]}: {fact.status} there, {fact.state} here",
        items=[],
        day=fact.arrival,
        subject=fact.subject,
    )
