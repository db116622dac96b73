"""The life of a deadline."""

from enum import StrEnum

from marketplace.kit.states import StateMachine
from marketplace.sla.models import ClockState


class ClockMove(StrEnum):
    WARN = "warn"
    MEET = "meet"
    BREACH = "breach"
    VOID = "void"


CLOCK = StateMachine(
    "deadline",
    start=ClockState.RUNNING,
    moves={
        ClockState.RUNNING: {
            ClockMove.WARN: ClockState.WARNED,
            ClockMove.MEET: ClockState.MET,
            ClockMove.BREACH: ClockState.BREACHED,
            ClockMove.VOID: ClockState.VOID,
        },
        ClockState.WARNED: {
            ClockMove.MEET: ClockState.MET,
            ClockMove.BREACH: ClockState.BREACHED,
            ClockMove.VOID: ClockState.VOID,
        },
    },
)


def movable(move: ClockMove) -> list[ClockState]:
    """The states a set of clocks may be in for this move."""
    return [state for state in ClockState if move in CLOCK.allows(state)]
