"""When a payout that failed is tried again, or whether its vendor has to do something first."""

from datetime import datetime, timedelta

from settlement.payouts.models import Payout

MOST_ATTEMPTS = 3
WAITS = (timedelta(days=1), timedelta(days=3))  # before the second attempt, and the third
# With these the next attempt fails as well, until the vendor names another bank account.
VENDOR_MUST_ACT = frozenset(
    {
        "account_closed",
        "account_frozen",
        "bank_account_restricted",
        "bank_account_unusable",
        "bank_ownership_changed",
        "debit_not_authorized",
        "incorrect_account_holder_address",
        "incorrect_account_holder_name",
        "incorrect_account_holder_tax_id",
        "invalid_account_number",
        "invalid_account_number_length",
        "invalid_currency",
        "no_account",
    }
)


def next_attempt(payout: Payout, *, now: datetime) -> datetime | None:
    """After a failure of this attempt; None where only the vendor, or a person here, can help.

    One that is to be cancelled is looked at again at once.
    """
    if payout.cancel_requested_at is not None:
        return now
    if payout.attempt >= MOST_ATTEMPTS or payout.failure_code in VENDOR_MUST_ACT:
        return None
    return now + WAITS[payout.attempt - 1]
