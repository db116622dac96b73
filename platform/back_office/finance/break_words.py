"""What each kind of difference means and where it usually comes from, in plain words."""

from collections.abc import Mapping

from settlement.reconciliation.queries import BankAccountView
from settlement.reconciliation.run_models import BreakCode, BreakState, Remedy, Severity

# What it is, and what usually causes it.
MEANINGS = {
    BreakCode.T1: (
        "We booked it, and the provider does not show it yet.",
        "The provider books a card's money up to a day late. It usually goes away by itself.",
    ),
    BreakCode.T2: (
        "The provider sent it to our bank, and it is not there yet.",
        "Banks take some days. It usually goes away by itself.",
    ),
    BreakCode.M1: (
        "The provider's book has it, and ours does not.",
        "News from the provider was lost or is late. Asking again usually brings it.",
    ),
    BreakCode.M2: (
        "We booked it, and the provider does not know of it.",
        "A posting that should not be there, or a call to the provider that never arrived.",
    ),
    BreakCode.M3: (
        "It should have been at our bank days ago.",
        "A statement of the bank is missing, or the bank sent the money back.",
    ),
    BreakCode.A1: (
        "Both books have it, with different amounts.",
        "A change at the provider that we did not hear of, or a wrong posting.",
    ),
    BreakCode.A2: (
        "The provider took another fee than we booked.",
        "The fee was estimated, or the provider corrected it later.",
    ),
    BreakCode.A3: (
        "The provider exchanged the money at another rate than we booked.",
        "Rates move between the sale and the provider's exchange.",
    ),
    BreakCode.D1: (
        "The provider did it twice.",
        "The same call went out under two keys, or somebody did it again by hand.",
    ),
    BreakCode.D2: (
        "The bank shows the same payout twice.",
        "Two statements overlap, or the bank booked it twice.",
    ),
    BreakCode.D3: (
        "Our books have it twice.",
        "It was booked by hand and again by itself. One of the two should be reversed.",
    ),
    BreakCode.S1: (
        "The provider says it failed or was taken back; we do not know that.",
        "News of the failure was lost. Asking again usually brings it.",
    ),
    BreakCode.R1: (
        "The provider holds money back, or gave it free, and we have not booked that.",
        "The provider changed its reserve on our account.",
    ),
    BreakCode.C1: (
        "The two books say different currencies.",
        "A payment was taken in another currency than the order's.",
    ),
    BreakCode.X1: (
        "The provider's book has a kind of line that ours has no place for.",
        "A new product or fee of the provider.",
    ),
    BreakCode.U1: (
        "Money moved at our bank, and nothing of ours explains it.",
        "A transfer by hand, a bank's fee, or a payout whose reference the bank cut off.",
    ),
    BreakCode.P1: (
        "It belongs to a month that is closed.",
        "The provider told of it late. It is booked today and says so.",
    ),
}
STATES = {
    BreakState.OPEN: ("Open", "warn"),
    BreakState.INVESTIGATING: ("Looked into", "info"),
    BreakState.PROPOSED: ("To approve", "warn"),
    BreakState.RESOLVED: ("Resolved", "good"),
    BreakState.WRITTEN_OFF: ("Written off", ""),
    BreakState.FALSE_POSITIVE: ("Not a difference", ""),
}
SEVERITIES = {
    Severity.HIGH: ("High", "bad"),
    Severity.MEDIUM: ("Medium", "warn"),
    Severity.LOW: ("Low", ""),
}
REMEDIES = {
    Remedy.ASK_AGAIN: "Ask the provider again",
    Remedy.MATCH: "It is the payout",
    Remedy.REVERSE: "Reverse our posting",
    Remedy.BOOK: "Book it to",
    Remedy.WRITE_OFF: "Write it off to",
    Remedy.FALSE_POSITIVE: "It is no difference",
}
MOVES = {
    "open": ("Found", "warn"),
    "investigate": ("Looked into", "info"),
    "propose": ("Remedy proposed", "info"),
    "reject": ("Remedy rejected", "bad"),
    "resolve": ("Resolved", "good"),
    "write_off": ("Written off", "good"),
    "dismiss": ("Found to be no difference", "good"),
}
PLACES = {
    "platform": "Our account at the provider",
    "reserved": "Held by the provider",
    "transit": "On its way to our bank",
}


def place(account: str, banks: Mapping[str, str], vendor: str | None = None) -> str:
    """Whose book a break or a proof is about."""
    return PLACES.get(account) or banks.get(account) or vendor or account


def bank_names(accounts: list[BankAccountView]) -> dict[str, str]:
    return {str(each.id): each.name for each in accounts}
