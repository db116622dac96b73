"""The life of a deadline."""

from enum import StrEnum

from marketplace.kit.states import StateMachine
from marketplace.sla.models import ClockState


class ClockMove(StrEnum):
    WARN = "warn"
    MEET = "meet"
    BREACH = "breach"
    PAUSE = "pause"
    RESUME = "resume"
    RESUME_WARNED = "resume_warned"
    VOID = "void"


CLOCK = StateMachine(
    "deadline",
    start=ClockState.RUNNING,
    moves={
        ClockState.RUNNING: {
            ClockMove.WARN: ClockState.WARNED,
            ClockMove.MEET: ClockState.MET,
            ClockMove.BREACH: ClockState.BREACHED,
            ClockMove.PAUSE: ClockState.PAUSED,
            ClockMove.VOID: ClockState.VOID,
        },
        ClockState.WARNED: {
            ClockMove.MEET: ClockState.MET,
            ClockMove.BREACH: ClockState.BREACHED,
            ClockMove.PAUSE: ClockState.PAUSED,
            ClockMove.VOID: ClockState.VOID,
        },
        ClockState.PAUSED: {
            ClockMove.RESUME: ClockState.RUNNING,
            ClockMove.RESUME_WARNED: ClockState.WARNED,
            ClockMove.MEET: ClockState.MET,
            ClockMove.VOID: ClockState.VOID,
        },
    },
)

OPEN = [state for state in ClockState if CLOCK.allows(state)]


def movable(move: ClockMove) -> list[ClockState]:
    """The states a set of clocks may be in for this move."""
    return [state for state in ClockState if move in CLOCK.allows(state)]
