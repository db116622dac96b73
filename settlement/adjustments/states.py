"""The life of an adjustment."""

from enum import StrEnum

from marketplace.kit.states import StateMachine
from settlement.adjustments.models import AdjustmentState


class AdjustmentMove(StrEnum):
    PROPOSE = "propose"
    APPROVE = "approve"
    REJECT = "reject"


ADJUSTMENT = StateMachine(
    "adjustment",
    start=AdjustmentState.PROPOSED,
    moves={
        AdjustmentState.PROPOSED: {
            AdjustmentMove.APPROVE: AdjustmentState.POSTED,
            AdjustmentMove.REJECT: AdjustmentState.REJECTED,
        },
    },
)
