"""Whether a vendor can be paid now, and if not, why: one reason, the first that holds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from marketplace.kit.money import Money
from settlement.connected.models import AccountState


class Reason(StrEnum):
    """In the order in which they are looked for."""

    NOTHING_AVAILABLE = "nothing_available"
    NEGATIVE_BALANCE = "negative_balance"
    BELOW_MINIMUM = "below_minimum"
    NO_ACCOUNT = "no_account"
    ACCOUNT_NOT_READY = "account_not_ready"
    BANK_CHANGED = "bank_changed"
    FROZEN = "frozen"
    PAYOUT_UNDER_WAY = "payout_under_way"
    CURRENCY_NOT_PAID = "currency_not_paid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What decides about one vendor and currency. `provider_account_id` is None without one."""

    available: Money
    minimum_minor: int
    provider_account_id: str | None
    account_state: AccountState | None
    transfers_enabled: bool
    payouts_enabled: bool
    bank_changed_at: datetime | None
    bank_cooling_days: int
    freeze_reason: str | None
    is_payout_under_way: bool
    is_currency_paid: bool


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why not, for programs, and in a few words for people."""

    reason: Reason
    detail: str


def obstacle(facts: Facts, *, at: datetime) -> Obstacle | None:
    """The first reason not to pay this vendor at this moment, or None."""
    return _money(facts) or _account(facts, at) or _standing(facts)


def _money(facts: Facts) -> Obstacle | None:
    minor = facts.available.minor
    if minor == 0:
        return Obstacle(Reason.NOTHING_AVAILABLE, "Nothing is available yet.")
    if minor < 0:
        return Obstacle(Reason.NEGATIVE_BALANCE, f"The balance is {facts.available}.")
    if minor < facts.minimum_minor:
        minimum = Money(facts.minimum_minor, facts.available.currency)
        return Obstacle(Reason.BELOW_MINIMUM, f"{facts.available} is less than {minimum}.")
    return None


def _account(facts: Facts, at: datetime) -> Obstacle | None:
    if facts.provider_account_id is None:
        return Obstacle(Reason.NO_ACCOUNT, "No account for payouts is set up.")
    is_enabled = facts.account_state is AccountState.ENABLED
    if not (is_enabled and facts.transfers_enabled and facts.payouts_enabled):
        return Obstacle(
            Reason.ACCOUNT_NOT_READY, "The payment provider has not opened the account for payouts."
        )
    if facts.bank_changed_at is not None:
        until = facts.bank_changed_at + timedelta(days=facts.bank_cooling_days)
        if at < until:
            return Obstacle(
                Reason.BANK_CHANGED,
                f"The bank account is new; payouts begin again on {until:%Y-%m-%d}.",
            )
    return None


def _standing(facts: Facts) -> Obstacle | None:
    if facts.freeze_reason is not None:
        return Obstacle(Reason.FROZEN, f"Payouts are stopped: {facts.freeze_reason}")
    if facts.is_payout_under_way:
        return Obstacle(Reason.PAYOUT_UNDER_WAY, "The last payout has not ended yet.")
    if not facts.is_currency_paid:
        return Obstacle(
            Reason.CURRENCY_NOT_PAID, f"{facts.available.currency} is not paid out yet."
        )
    return None
