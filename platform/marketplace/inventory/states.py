"""The life of stock that was promised to an order line."""

from enum import StrEnum

from marketplace.inventory.models import ReservationState
from marketplace.kit.states import StateMachine


class ReservationMove(StrEnum):
    COMMIT = "commit"
    CONSUME = "consume"
    RELEASE = "release"
    EXPIRE = "expire"
    RETAKE = "retake"


RESERVATION = StateMachine(
    "reservation",
    start=ReservationState.HELD,
    moves={
        ReservationState.HELD: {
            ReservationMove.COMMIT: ReservationState.COMMITTED,
            ReservationMove.EXPIRE: ReservationState.EXPIRED,
        },
        ReservationState.COMMITTED: {
            ReservationMove.CONSUME: ReservationState.CONSUMED,
            ReservationMove.RELEASE: ReservationState.RELEASED,
        },
        # Paid after all, and the pieces were still there.
        ReservationState.EXPIRED: {ReservationMove.RETAKE: ReservationState.COMMITTED},
    },
)
