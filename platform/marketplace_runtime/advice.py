"""What to do about the domain's no, where somebody reads it at a terminal."""

from marketplace.kit.errors import DomainError, NotFound
from marketplace_runtime.errors import RuntimeRefusal

# Where the names are that a command takes.
WHERE = {
    "account": "`souk report trial-balance` has those that were ever booked on.",
    "bank account": "The back office has their codes: Finance, Reconciliation, Bank.",
    "entry": "`souk report general-ledger` has the ids of all.",
    "member of staff": "Name the e-mail address that the person signs in with.",
    "order": "Name its number, like M-100234; the back office finds it.",
    "payout": "`souk report payouts` has the ids of all.",
    "report": "`souk report --list` says which there are.",
    "run": "The back office lists them: Finance, Reconciliation, Runs.",
    "statement": "`souk report settlement` has the numbers of each vendor's.",
    "vendor": "Name its code: the back office has a list, Finance, Vendors.",
}


def refusal_of(refused: DomainError) -> RuntimeRefusal:
    """The sentence, and where to look when it was a name that is not there."""
    where = WHERE.get(refused.thing, "") if isinstance(refused, NotFound) else ""
    return RuntimeRefusal(f"{refused.message} {where}".rstrip())
