"""How far a payout is, why there is none, and what helps: in plain words."""

from collections.abc import Sequence
from datetime import timedelta

from marketplace.kit.money import Money
from settlement.connected.models import ConnectedAccount
from settlement.payouts.eligibility import Reason
from settlement.payouts.models import PayoutState
from settlement.payouts.vendor_queries import OwnPayout, Step
from settlement.terms.models import SettlementTerms
from vendor_portal.face import GETTING_PAID, PAYOUTS

# A word and its colour.
STATES = {
    PayoutState.DRAFT: ("Being checked", ""),
    PayoutState.APPROVED: ("Approved", "info"),
    PayoutState.RESERVED: ("On its way", "info"),
    PayoutState.TRANSFERRED: ("On its way", "info"),
    PayoutState.SENT: ("On its way to your bank", "info"),
    PayoutState.PAID: ("Paid", "good"),
    PayoutState.FAILED: ("Did not arrive", "bad"),
    PayoutState.RETURNED: ("Came back", "bad"),
    PayoutState.CANCELLED: ("Cancelled", "warn"),
}
_STEPS = {
    PayoutState.DRAFT: "Made from your statement",
    PayoutState.APPROVED: "Approved",
    PayoutState.RESERVED: "Set aside for you",
    PayoutState.TRANSFERRED: "Handed to our payment provider",
    PayoutState.SENT: "Sent to your bank",
    PayoutState.PAID: "Arrived, says our payment provider",
    PayoutState.FAILED: "Your bank did not take it",
    PayoutState.RETURNED: "Your bank sent it back",
    PayoutState.CANCELLED: "Cancelled: the money is available again",
}
_WAY = ("Made", "Approved", "Sent", "Paid")
_REACHED = {
    PayoutState.DRAFT: 0,
    PayoutState.APPROVED: 1,
    PayoutState.RESERVED: 1,
    PayoutState.TRANSFERRED: 1,
    PayoutState.SENT: 2,
    PayoutState.FAILED: 2,
    PayoutState.RETURNED: 3,
    PayoutState.PAID: 3,
}
# The provider's codes that a vendor can do something about.
_FAILURES = {
    "account_closed": "Your bank account is closed.",
    "account_frozen": "Your bank has frozen the account.",
    "bank_account_restricted": "Your bank account takes no payments of this kind.",
    "bank_ownership_changed": "Your bank account has changed hands.",
    "debit_not_authorized": "Your bank account does not allow it.",
    "incorrect_account_holder_address": "The address does not fit the bank account.",
    "incorrect_account_holder_name": "The name does not fit the bank account.",
    "incorrect_account_holder_tax_id": "The tax number does not fit the bank account.",
    "invalid_account_number": "The number of the bank account is wrong.",
    "invalid_account_number_length": "The number of the bank account is too short or too long.",
    "invalid_currency": "The bank account does not take this currency.",
    "no_account": "There is no such bank account.",
}
_WHY_NOT = {
    Reason.NOTHING_AVAILABLE: "Nothing is available to pay out by then.",
    Reason.NEGATIVE_BALANCE: "Your balance is below zero. Your next sales make up for it.",
    Reason.NO_ACCOUNT: "We do not know your bank account yet. Set it up, and we can pay you.",
    Reason.ACCOUNT_NOT_READY: "Our payment provider still needs something from you.",
    Reason.FROZEN: "We have paused your payouts while we check something. Your money is safe and "
    "stays yours. We write to you if we need anything; please write to us with any question.",
    Reason.PAYOUT_UNDER_WAY: "Your last payout has to arrive first.",
    Reason.CURRENCY_NOT_PAID: "We do not pay out this currency yet. Your money waits for you.",
}
# Where the vendor can do something about it, or look: the way's words and its address.
WAYS_ON = {
    Reason.NO_ACCOUNT: ("Set up where you are paid", GETTING_PAID),
    Reason.ACCOUNT_NOT_READY: ("See what is missing", GETTING_PAID),
    Reason.PAYOUT_UNDER_WAY: ("See your last payout", PAYOUTS),
}


def why_not(
    reason: Reason, currency: str, terms: SettlementTerms, account: ConnectedAccount | None
) -> str:
    """Why nothing is paid, and what helps."""
    if reason is Reason.BELOW_MINIMUM:
        minor = terms.minimums.get(currency)
        least = "smallest amount" if minor is None else str(Money(minor, currency))
        return f"It is less than the {least} that we pay. It waits and adds up."
    if reason is Reason.BANK_CHANGED:
        assert account is not None
        assert account.bank_changed_at is not None
        until = account.bank_changed_at + timedelta(days=terms.bank_cooling_days)
        return f"Your bank account is new. To keep you safe, payouts begin again on {until:%-d %B}."
    return _WHY_NOT[reason]


def what_helps(payout: OwnPayout) -> str:
    """For a payout that failed or came back: what happens next, and what to do."""
    why = _FAILURES.get(payout.failure_code or "", "Your bank could not take it.")
    if payout.needs_vendor:
        return f"{why} Please give our payment provider another one; then we try again."
    if payout.next_attempt_at is not None:
        return f"{why} You need not do anything: we try again on {payout.next_attempt_at:%-d %B}."
    return f"{why} We are looking into it. The money stays yours."


def why_it_waits(payout: OwnPayout) -> str:
    """For a payout that is on its way and goes no further for now; empty where none stops it."""
    if payout.state is not PayoutState.TRANSFERRED or payout.next_attempt_at is None:
        return ""
    if payout.failure_code == Reason.BANK_CHANGED:
        until = payout.next_attempt_at
        return f"Your bank account is new. To keep you safe, it goes on on {until:%-d %B}."
    stops = (Reason.FROZEN, Reason.ACCOUNT_NOT_READY)
    return next((_WHY_NOT[stop] for stop in stops if stop == payout.failure_code), "")


def progress_of(payout: OwnPayout) -> list[dict[str, object]]:
    """The way of a payout in four steps; none for one that was cancelled."""
    if payout.state is PayoutState.CANCELLED:
        return []
    reached = _REACHED[payout.state]
    words = [(label, "done" if at <= reached else "coming") for at, label in enumerate(_WAY)]
    if payout.has_failed:
        words[3] = (STATES[payout.state][0], "problem")
    elif payout.state is not PayoutState.PAID:
        words[reached + 1] = (_WAY[reached + 1], "current")
    return [{"label": label, "state": state} for label, state in words]


def story_of(steps: Sequence[Step]) -> list[dict[str, object]]:
    """Newest first, for the page's timeline."""
    return [
        {
            "at": step.at,
            "what": _STEPS[step.state],
            "detail": step.reason if step.state in (PayoutState.FAILED, PayoutState.RETURNED)
            else "",
            "tone": STATES[step.state][1],
        }
        for step in reversed(steps)
    ]  # fmt: skip
