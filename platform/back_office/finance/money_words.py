"""Why money does not move, in words."""

from settlement.connected.models import AccountState
from settlement.disputes.models import Liable
from settlement.payouts.eligibility import Reason

SKIPPED = {
    Reason.NOTHING_AVAILABLE: "Nothing available",
    Reason.NEGATIVE_BALANCE: "Owes money",
    Reason.BELOW_MINIMUM: "Below the minimum",
    Reason.NO_ACCOUNT: "No account yet",
    Reason.ACCOUNT_NOT_READY: "Account not ready",
    Reason.BANK_CHANGED: "New bank account",
    Reason.FROZEN: "Payouts stopped",
    Reason.PAYOUT_UNDER_WAY: "Last payout not over",
    Reason.CURRENCY_NOT_PAID: "Currency not paid yet",
}
# The provider's codes that people meet; another one is shown with the provider's own sentence.
FAILURES = {
    "account_closed": "The bank account is closed.",
    "account_frozen": "The bank has frozen the account.",
    "bank_account_restricted": "The bank account takes no payments of this kind.",
    "bank_ownership_changed": "The bank account has changed hands.",
    "could_not_process": "The bank could not process it.",
    "debit_not_authorized": "The bank does not allow it.",
    "declined": "The bank declined it.",
    "incorrect_account_holder_name": "The name does not fit the bank account.",
    "insufficient_funds": "The account at the provider held too little.",
    "invalid_account_number": "The account number is wrong.",
    "invalid_currency": "The bank account does not take this currency.",
    "no_account": "There is no such bank account.",
    "unsupported_card": "The bank's card does not take payouts.",
}
ACCOUNTS = {
    AccountState.NEW: ("Being opened", ""),
    AccountState.ONBOARDING: ("Waits for the vendor", "warn"),
    AccountState.ENABLED: ("Ready", "good"),
    AccountState.RESTRICTED: ("Restricted", "bad"),
    AccountState.DISCONNECTED: ("Disconnected", "bad"),
}
NO_ACCOUNT = ("None yet", "")
LIABLE = {Liable.VENDOR: "The vendors, each its part", Liable.PLATFORM: "The marketplace"}


def asked_for(requirement: str) -> str:
    """What the provider wants to know, of its dotted name: "individual.dob.day" is a birthday."""
    words = requirement.replace("_", " ").split(".")
    said = {"dob": "date of birth", "tos acceptance": "acceptance of the terms", "id number":
        "number of an identity document"}  # fmt: skip
    parts = [said.get(word, word) for word in words if word not in ("day", "month", "year")]
    return ": ".join(parts).capitalize()
