"""What we ask of the provider's own books, in plain values: minor units, currencies upper case."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLine:
    """A balance transaction. `related_id` is the object behind its source: the transfer that a
    payment came from, the payout that another one brings back."""

    id: str
    type: str
    category: str
    amount_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    source_id: str | None
    related_id: str | None
    description: str | None
    exchange_rate: str | None
    available_at: datetime
    created_at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedPayout:
    """`status` is the provider's own word, one we do not know included."""

    id: str
    amount_minor: int
    currency: str
    status: str
    arrival_date: date
    trace_id: str | None
    failure_code: str | None
    created_at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What an account holds in one currency; `reserved` is on top of it."""

    currency: str
    available_minor: int
    pending_minor: int
    reserved_minor: int


class ProviderBooks(Protocol):
    """Look-ups only; they raise OutcomeUnknown while the provider does not answer.

    `account` is a connected account's id; None is the platform itself.
    """

    def lines(
        self, account: str | None, *, created_from: datetime | None
    ) -> AsyncIterator[BookLine]:
        """Everything since then, or ever, the newest first."""

    def payouts(
        self, account: str | None, *, created_from: datetime | None
    ) -> AsyncIterator[BookedPayout]:
        """Likewise."""

    async def balance(self, account: str | None) -> Sequence[Held]: ...

    async def close(self) -> None: ...
