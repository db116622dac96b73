"""A call to the payment provider, as whoever makes it sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

# After it the provider may have forgotten our key, and the same key would be another request:
# what a look-up does not find is then a definite no, and another key asks.
KEYS_LAST = timedelta(hours=23)
# An hour before that we stop asking: whatever was asked last has arrived by then, or never will.
ASKED_UNTIL = KEYS_LAST - timedelta(hours=1)


class OperationKind(StrEnum):
    INTENT = "intent"
    CANCEL = "cancel"
    REFUND = "refund"
    ACCOUNT = "account"
    BALANCE_SETTINGS = "balance_settings"
    TRANSFER = "transfer"
    TRANSFER_REVERSAL = "transfer_reversal"
    PAYOUT = "payout"
    PLATFORM_PAYOUT = "platform_payout"
    EVIDENCE = "evidence"
    DISPUTE_CLOSE = "dispute_close"


@dataclass(frozen=True, slots=True)
class Operation:
    """A call that is ours to make now. `attempts` counts this one.

    `account` is the connected account it is made for; None is the platform's own.
    """

    kind: OperationKind
    key: str
    subject_id: UUID
    params: Mapping[str, object]
    attempts: int
    first_sent_at: datetime
    result_id: str | None
    account: str | None = None

    @property
    def is_first_call(self) -> bool:
        return self.attempts == 1 and self.result_id is None

    def may_be_forgotten(self, now: datetime) -> bool:
        """The provider may not know the key any more."""
        return now - self.first_sent_at > KEYS_LAST

    def is_only_looked_up(self, now: datetime) -> bool:
        """It is too late to ask with this key once more, and too early to call it a no."""
        return now - self.first_sent_at > ASKED_UNTIL
