"""What the core asks of a payment provider, in plain values.

Amounts are minor units. A status is the provider's own word: one we do not know is kept and moves
nothing, because providers add words without asking.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

Params = Mapping[str, object]


class ProviderError(Exception):
    """The provider did not do what it was asked, or nobody knows whether it did."""


@dataclass(frozen=True, slots=True)
class IntentSnapshot:
    """A payment intent as the provider showed it at one moment."""

    intent_id: str
    status: str
    amount_minor: int
    amount_received_minor: int
    currency: str
    charge_id: str | None = None
    balance_transaction_id: str | None = None
    fee_minor: int | None = None
    next_action_url: str | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    card_country: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefundSnapshot:
    refund_id: str
    status: str
    amount_minor: int
    failure_reason: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def generation(self) -> int:
        """Which sending of our refund made it; the provider keeps what we wrote beside it."""
        return int(self.metadata.get("generation", "1"))


class ProviderRefused(ProviderError):
    """A definite no: nothing moved, and asking the same again would be refused again.

    A declined card leaves its intent behind, with the reason on it.
    """

    def __init__(self, code: str, message: str, intent: IntentSnapshot | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.intent = intent


class OutcomeUnknown(ProviderError):
    """It may have been done: look it up before asking again, and ask with the same key."""


class UnexpectedAnswer(ProviderError):
    """The provider says something that our books cannot agree with; a person has to look."""


class PaymentGateway(Protocol):
    """Calls that move money take our key and refuse, or end unknown; look-ups only end unknown."""

    async def create_intent(self, params: Params, key: str) -> IntentSnapshot: ...

    async def retrieve_intent(self, intent_id: str) -> IntentSnapshot: ...

    async def cancel_intent(self, intent_id: str, key: str) -> IntentSnapshot: ...

    async def find_intent(
        self, attempt_id: UUID, *, created_from: datetime
    ) -> IntentSnapshot | None:
        """The intent made for an attempt of ours, if the provider has one."""

    async def create_refund(self, params: Params, key: str) -> RefundSnapshot: ...

    async def retrieve_refund(self, refund_id: str) -> RefundSnapshot: ...

    async def find_refund(
        self, intent_id: str, refund_id: UUID, generation: int
    ) -> RefundSnapshot | None:
        """The refund made for this sending of a refund of ours, if the provider has one."""

    async def close(self) -> None: ...
