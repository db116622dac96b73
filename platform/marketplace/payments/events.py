from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from marketplace.outbox.recording import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptured(Event):
    """Money arrived."""

    name: ClassVar[str] = "payment.captured"

    payment_id: UUID
    capture_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFeeKnown(Event):
    """The provider's fee is known."""

    name: ClassVar[str] = "payment.fee_known"

    capture_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed(Event):
    """An attempt was declined."""

    name: ClassVar[str] = "payment.failed"

    attempt_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundEvent(Event):
    """`generation` says which sending of the refund it tells of; the first is 1."""

    refund_id: UUID
    generation: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequested(RefundEvent):
    """A refund was asked for."""

    name: ClassVar[str] = "refund.requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSubmitting(RefundEvent):
    """The call to the provider is planned."""

    name: ClassVar[str] = "refund.submitting"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPending(RefundEvent):
    """The provider is at it."""

    name: ClassVar[str] = "refund.pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSucceeded(RefundEvent):
    """The money is on its way back."""

    name: ClassVar[str] = "refund.succeeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFailed(RefundEvent):
    """The provider could not: the money is still owed."""

    name: ClassVar[str] = "refund.failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRetried(RefundEvent):
    """It is sent once more."""

    name: ClassVar[str] = "refund.retried"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSettled(RefundEvent):
    """It was paid by other means."""

    name: ClassVar[str] = "refund.settled"
