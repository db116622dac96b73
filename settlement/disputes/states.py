"""The life of a dispute, whatever words the provider has for it."""

from enum import StrEnum

from marketplace.kit.states import StateMachine
from settlement.disputes.models import DisputeState


class DisputeMove(StrEnum):
    OPEN = "open"
    REVIEW = "review"
    ASK_AGAIN = "ask_again"
    WIN = "win"
    LOSE = "lose"
    CLOSE = "close"
    ANSWER = "answer"
    ACCEPT = "accept"
    MAKE_LIABLE = "make_liable"


_ENDS = {
    DisputeMove.WIN: DisputeState.WON,
    DisputeMove.LOSE: DisputeState.LOST,
    DisputeMove.CLOSE: DisputeState.CLOSED,
}
# A bank's question that nobody answered may become a chargeback, which asks anew. One that leads
# to nothing is closed: no money had moved. A bank may still give back what it had decided to keep.
DISPUTE = StateMachine(
    "dispute",
    start=DisputeState.NEEDS_RESPONSE,
    moves={
        DisputeState.NEEDS_RESPONSE: {DisputeMove.REVIEW: DisputeState.UNDER_REVIEW, **_ENDS},
        DisputeState.UNDER_REVIEW: {DisputeMove.ASK_AGAIN: DisputeState.NEEDS_RESPONSE, **_ENDS},
        DisputeState.LOST: {DisputeMove.WIN: DisputeState.WON},
    },
)

OPEN = frozenset({DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW})
# The provider's words. One that is not here is kept and moves nothing.
MOVES = {
    "needs_response": DisputeMove.ASK_AGAIN,
    "warning_needs_response": DisputeMove.ASK_AGAIN,
    "under_review": DisputeMove.REVIEW,
    "warning_under_review": DisputeMove.REVIEW,
    "won": DisputeMove.WIN,
    "lost": DisputeMove.LOSE,
    "warning_closed": DisputeMove.CLOSE,
    "prevented": DisputeMove.CLOSE,
}
EVENTS = {
    DisputeMove.OPEN: "dispute.opened",
    DisputeMove.REVIEW: "dispute.evidence_submitted",
    DisputeMove.ASK_AGAIN: "dispute.asked_again",
    DisputeMove.WIN: "dispute.won",
    DisputeMove.LOSE: "dispute.lost",
    DisputeMove.CLOSE: "dispute.closed",
    # What people decide about it changes no state.
    DisputeMove.ANSWER: "dispute.answered",
    DisputeMove.ACCEPT: "dispute.accepted",
    DisputeMove.MAKE_LIABLE: "dispute.liable_changed",
}
