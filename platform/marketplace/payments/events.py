from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from marketplace.outbox.recording import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptured(Event):
    name: ClassVar[str] = "payment.captured"

    payment_id: UUID
    capture_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFeeKnown(Event):
    name: ClassVar[str] = "payment.fee_known"

    capture_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed(Event):
    name: ClassVar[str] = "payment.failed"

    attempt_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundEvent(Event):
    """`generation` says which sending of the refund it tells of; the first is 1."""

    refund_id: UUID
    generation: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequested(RefundEvent):
    name: ClassVar[str] = "refund.requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSubmitting(RefundEvent):
    name: ClassVar[str] = "refund.submitting"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPending(RefundEvent):
    name: ClassVar[str] = "refund.pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSucceeded(RefundEvent):
    name: ClassVar[str] = "refund.succeeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFailed(RefundEvent):
    name: ClassVar[str] = "refund.failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRetried(RefundEvent):
    name: ClassVar[str] = "refund.retried"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSettled(RefundEvent):
    name: ClassVar[str] = "refund.settled"
