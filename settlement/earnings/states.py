"""The life of an earning, and of money on hold."""

from enum import StrEnum

from marketplace.kit.states import StateMachine
from settlement.earnings.models import EarningState, HoldState


class EarningMove(StrEnum):
    MATURE = "mature"


EARNING = StateMachine(
    "earning",
    start=EarningState.PENDING,
    moves={EarningState.PENDING: {EarningMove.MATURE: EarningState.AVAILABLE}},
)


class HoldMove(StrEnum):
    PLACE = "place"
    RELEASE = "release"
    USE = "use"


HOLD = StateMachine(
    "money hold",
    start=HoldState.HELD,
    moves={
        HoldState.HELD: {
            HoldMove.RELEASE: HoldState.RELEASED,
            HoldMove.USE: HoldState.USED,
        },
    },
)
