from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from marketplace.kit.errors import DomainError
from marketplace.kit.money import Money
from settlement.payouts.eligibility import Reason


@dataclass(eq=False)
class NotPayable(DomainError):
    """A vendor that asked for its money cannot be paid now."""

    code: ClassVar[str] = "NOT_PAYABLE"

    reason: Reason
    detail: str

    @property
    def message(self) -> str:
        return self.detail


@dataclass(eq=False)
class PaidOnSchedule(DomainError):
    code: ClassVar[str] = "PAID_ON_SCHEDULE"

    @property
    def message(self) -> str:
        return "You are paid on fixed days, so there is no payout to ask for in between."


@dataclass(eq=False)
class ExistsAtProvider(DomainError):
    """A payout that we gave up, and that the provider has made after all."""

    code: ClassVar[str] = "EXISTS_AT_PROVIDER"

    provider_payout_id: str

    @property
    def message(self) -> str:
        return f"It exists at the provider as {self.provider_payout_id}. Match it first."


@dataclass(eq=False)
class StaleBatch(DomainError):
    """The batch is not what the person saw; `totals` are minor units by currency."""

    code: ClassVar[str] = "STALE_BATCH"

    totals: Mapping[str, int]

    @property
    def message(self) -> str:
        sums = ", ".join(str(Money(minor, code)) for code, minor in sorted(self.totals.items()))
        return f"The batch now comes to {sums or 'nothing'}. Look at it again, then decide."


@dataclass(eq=False)
class ApprovedBefore(DomainError):
    code: ClassVar[str] = "APPROVED_BEFORE"

    @property
    def message(self) -> str:
        return "You have approved this batch already. The second approval is somebody else's."


@dataclass(eq=False)
class ApproverDrafted(DomainError):
    code: ClassVar[str] = "APPROVER_DRAFTED"

    @property
    def message(self) -> str:
        return "You drafted this batch, so the second approval is somebody else's."
