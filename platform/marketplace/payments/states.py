"""The life of an attempt to pay and of a refund."""

from enum import StrEnum

from marketplace.kit.states import StateMachine
from marketplace.payments.models import AttemptState, RefundState


class AttemptMove(StrEnum):
    REQUIRE_ACTION = "require_action"
    PROCESS = "process"
    CAPTURE = "capture"
    FAIL = "fail"
    EXPIRE = "expire"


# Money that arrives for an attempt we had given up is money that arrived.
ATTEMPT = StateMachine(
    "payment attempt",
    start=AttemptState.CREATED,
    moves={
        AttemptState.CREATED: {
            AttemptMove.REQUIRE_ACTION: AttemptState.REQUIRES_ACTION,
            AttemptMove.PROCESS: AttemptState.PROCESSING,
            AttemptMove.CAPTURE: AttemptState.CAPTURED,
            AttemptMove.FAIL: AttemptState.FAILED,
            AttemptMove.EXPIRE: AttemptState.EXPIRED,
        },
        AttemptState.REQUIRES_ACTION: {
            AttemptMove.PROCESS: AttemptState.PROCESSING,
            AttemptMove.CAPTURE: AttemptState.CAPTURED,
            AttemptMove.FAIL: AttemptState.FAILED,
            AttemptMove.EXPIRE: AttemptState.EXPIRED,
        },
        AttemptState.PROCESSING: {
            AttemptMove.CAPTURE: AttemptState.CAPTURED,
            AttemptMove.FAIL: AttemptState.FAILED,
            AttemptMove.EXPIRE: AttemptState.EXPIRED,
        },
        AttemptState.FAILED: {AttemptMove.CAPTURE: AttemptState.CAPTURED},
        AttemptState.EXPIRED: {AttemptMove.CAPTURE: AttemptState.CAPTURED},
    },
)

LIVE = frozenset({AttemptState.CREATED, AttemptState.REQUIRES_ACTION, AttemptState.PROCESSING})


class RefundMove(StrEnum):
    REQUEST = "request"
    SUBMIT = "submit"
    PEND = "pend"
    SUCCEED = "succeed"
    FAIL = "fail"
    RETRY = "retry"
    SETTLE = "settle"


# A bank may send a refund back after the provider had called it done. What failed is sent again,
# or paid to the customer by other means than the provider.
REFUND = StateMachine(
    "refund",
    start=RefundState.REQUESTED,
    moves={
        RefundState.REQUESTED: {RefundMove.SUBMIT: RefundState.SUBMITTING},
        RefundState.SUBMITTING: {
            RefundMove.PEND: RefundState.PENDING,
            RefundMove.SUCCEED: RefundState.SUCCEEDED,
            RefundMove.FAIL: RefundState.FAILED,
        },
        RefundState.PENDING: {
            RefundMove.SUCCEED: RefundState.SUCCEEDED,
            RefundMove.FAIL: RefundState.FAILED,
        },
        RefundState.SUCCEEDED: {RefundMove.FAIL: RefundState.FAILED},
        RefundState.FAILED: {
            RefundMove.RETRY: RefundState.REQUESTED,
            RefundMove.SETTLE: RefundState.SETTLED,
        },
    },
)
