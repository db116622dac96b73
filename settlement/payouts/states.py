"""The life of a batch and of a payout."""

from enum import StrEnum

from marketplace.kit.states import StateMachine
from settlement.payouts.models import BatchState, PayoutState


class BatchMove(StrEnum):
    DRAFT = "draft"
    APPROVE = "approve"
    CANCEL = "cancel"


BATCH = StateMachine(
    "payout batch",
    start=BatchState.DRAFT,
    moves={
        BatchState.DRAFT: {
            BatchMove.APPROVE: BatchState.APPROVED,
            BatchMove.CANCEL: BatchState.CANCELLED,
        },
    },
)


class PayoutMove(StrEnum):
    DRAFT = "draft"
    APPROVE = "approve"
    RESERVE = "reserve"
    TRANSFER = "transfer"
    SEND = "send"
    PAY = "pay"
    FAIL = "fail"
    RETURN = "return"
    RETRY = "retry"
    MATCH = "match"
    SHORTEN = "shorten"
    CANCEL = "cancel"


# Until it is transferred, cancelling gives the money back to what is available; after that the
# transfer is reversed first. A bank may send money back days after the provider said paid. What
# was given up and exists at the provider after all is matched with it. While the money waits at
# the provider, a part of it can be taken back: the rest goes on.
PAYOUT = StateMachine(
    "payout",
    start=PayoutState.DRAFT,
    moves={
        PayoutState.DRAFT: {
            PayoutMove.APPROVE: PayoutState.APPROVED,
            PayoutMove.CANCEL: PayoutState.CANCELLED,
        },
        PayoutState.APPROVED: {
            PayoutMove.RESERVE: PayoutState.RESERVED,
            PayoutMove.CANCEL: PayoutState.CANCELLED,
        },
        PayoutState.RESERVED: {
            PayoutMove.TRANSFER: PayoutState.TRANSFERRED,
            PayoutMove.CANCEL: PayoutState.CANCELLED,
        },
        PayoutState.TRANSFERRED: {
            PayoutMove.SEND: PayoutState.SENT,
            PayoutMove.SHORTEN: PayoutState.TRANSFERRED,
            PayoutMove.FAIL: PayoutState.FAILED,
            PayoutMove.CANCEL: PayoutState.CANCELLED,
        },
        PayoutState.SENT: {
            PayoutMove.PAY: PayoutState.PAID,
            PayoutMove.FAIL: PayoutState.FAILED,
        },
        PayoutState.PAID: {PayoutMove.RETURN: PayoutState.RETURNED},
        PayoutState.FAILED: {
            PayoutMove.RETRY: PayoutState.TRANSFERRED,
            PayoutMove.MATCH: PayoutState.SENT,
            PayoutMove.SHORTEN: PayoutState.FAILED,
            PayoutMove.CANCEL: PayoutState.CANCELLED,
        },
        PayoutState.RETURNED: {
            PayoutMove.RETRY: PayoutState.TRANSFERRED,
            PayoutMove.SHORTEN: PayoutState.RETURNED,
            PayoutMove.CANCEL: PayoutState.CANCELLED,
        },
    },
)
