"""What we ask the payment provider about vendors' money, and what it answers.

Amounts are minor units, currencies upper case. Metadata on everything we make there says whose
it is: {"souk": "<kind>:<our id>"}, and the ids by themselves.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from marketplace.payments.gateway import Params
from marketplace.payments.inbox import ReceivedEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSnapshot:
    """A connected account as the provider showed it at one moment."""

    account_id: str
    country: str
    details_submitted: bool
    transfers_enabled: bool
    payouts_enabled: bool
    requirements: Sequence[str]
    disabled_reason: str | None = None
    bank_id: str | None = None
    bank_name: str | None = None
    bank_last4: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSnapshot:
    transfer_id: str
    amount_minor: int
    reversed_minor: int
    currency: str
    destination: str
    balance_transaction_id: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalSnapshot:
    reversal_id: str
    transfer_id: str
    amount_minor: int
    currency: str
    balance_transaction_id: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutSnapshot:
    """`status` is the provider's word: pending, in_transit, paid, failed or canceled.

    One that a bank returns unasked is paid, and `reversed_by` another one of the negative amount,
    whose `original_payout` it is.
    """

    payout_id: str
    status: str
    amount_minor: int
    currency: str
    arrival_date: date
    created_at: datetime
    is_automatic: bool = False
    balance_transaction_id: str | None = None
    failure_balance_transaction_id: str | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    trace_id: str | None = None
    reversed_by: str | None = None
    original_payout: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceTransactionSnapshot:
    """One line of the provider's book: `net` = `amount` - `fee`; `source` is what moved it."""

    balance_transaction_id: str
    type: str
    reporting_category: str
    amount_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    source: str | None
    description: str | None
    created_at: datetime
    available_on: datetime
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceSnapshot:
    """By currency, minor units; pending is not available yet."""

    available: Mapping[str, int]
    pending: Mapping[str, int]

    def total(self, currency: str) -> int:
        return self.available.get(currency, 0) + self.pending.get(currency, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeSnapshot:
    """`balance_transactions`: money taken when it was opened, given back when it was won."""

    dispute_id: str
    charge_id: str
    intent_id: str | None
    status: str
    reason: str
    amount_minor: int
    currency: str
    created_at: datetime
    evidence_due_at: datetime | None
    balance_transactions: Sequence[BalanceTransactionSnapshot]
    metadata: Mapping[str, str] = field(default_factory=dict)


class ConnectGateway(Protocol):
    """Calls that make something take our key and refuse, or end unknown; look-ups end unknown.

    `account` is a connected account's id; None is the platform itself.
    """

    async def create_account(self, params: Params, key: str) -> AccountSnapshot: ...

    async def retrieve_account(self, account: str) -> AccountSnapshot: ...

    async def find_account(
        self, vendor_id: UUID, *, created_from: datetime
    ) -> AccountSnapshot | None:
        """The account made for a vendor of ours, if the provider has one."""

    async def account_link(self, account: str, *, return_url: str, refresh_url: str) -> str:
        """The address where the vendor tells the provider about itself; it works once, soon."""

    async def update_balance_settings(self, account: str, params: Params, key: str) -> None: ...

    async def create_transfer(self, params: Params, key: str) -> TransferSnapshot: ...

    async def retrieve_transfer(self, transfer_id: str) -> TransferSnapshot: ...

    async def find_transfer(self, transfer_group: str) -> TransferSnapshot | None:
        """The transfer of a group that is not wholly reversed, if the provider has one."""

    async def reverse_transfer(
        self, transfer_id: str, params: Params, key: str
    ) -> ReversalSnapshot: ...

    async def find_reversal(self, transfer_id: str, *, souk: str) -> ReversalSnapshot | None:
        """The reversal whose metadata names this."""

    async def create_payout(
        self, account: str | None, params: Params, key: str
    ) -> PayoutSnapshot: ...

    async def retrieve_payout(self, account: str | None, payout_id: str) -> PayoutSnapshot: ...

    async def find_payout(
        self, account: str | None, *, souk: str, attempt: int, created_from: datetime
    ) -> PayoutSnapshot | None:
        """The payout whose metadata names this and this attempt of it."""

    def list_payouts(
        self, account: str | None, *, created_from: datetime
    ) -> AsyncIterator[PayoutSnapshot]: ...

    async def retrieve_dispute(self, dispute_id: str) -> DisputeSnapshot: ...

    async def submit_evidence(
        self, dispute_id: str, evidence: Mapping[str, str], key: str
    ) -> DisputeSnapshot: ...

    async def close_dispute(self, dispute_id: str, key: str) -> DisputeSnapshot:
        """Accept it: the money stays with the customer."""

    async def retrieve_balance(self, account: str | None) -> BalanceSnapshot: ...

    def list_balance_transactions(
        self, account: str | None, *, created_from: datetime
    ) -> AsyncIterator[BalanceTransactionSnapshot]: ...

    def list_events(
        self, account: str | None, *, created_from: datetime
    ) -> AsyncIterator[list[ReceivedEvent]]:
        """Pages, the newest first."""

    async def close(self) -> None: ...
