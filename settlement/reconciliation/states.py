"""The life of a break."""

from enum import StrEnum

from marketplace.kit.states import StateMachine
from settlement.reconciliation.run_models import BreakState


class BreakMove(StrEnum):
    OPEN = "open"
    INVESTIGATE = "investigate"
    PROPOSE = "propose"
    REJECT = "reject"
    RESOLVE = "resolve"
    WRITE_OFF = "write_off"
    DISMISS = "dismiss"


_ENDS = {
    BreakMove.RESOLVE: BreakState.RESOLVED,
    BreakMove.WRITE_OFF: BreakState.WRITTEN_OFF,
    BreakMove.DISMISS: BreakState.FALSE_POSITIVE,
}
# A difference may be gone with the next run whatever people are at: resolved from anywhere.
BREAK = StateMachine(
    "break",
    start=BreakState.OPEN,
    moves={
        BreakState.OPEN: {
            BreakMove.INVESTIGATE: BreakState.INVESTIGATING,
            BreakMove.PROPOSE: BreakState.PROPOSED,
            **_ENDS,
        },
        BreakState.INVESTIGATING: {
            BreakMove.INVESTIGATE: BreakState.INVESTIGATING,
            BreakMove.PROPOSE: BreakState.PROPOSED,
            **_ENDS,
        },
        BreakState.PROPOSED: {
            BreakMove.REJECT: BreakState.INVESTIGATING,
            **_ENDS,
        },
    },
)
