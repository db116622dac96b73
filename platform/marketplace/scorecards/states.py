"""The life of a vendor's standing, and of an appeal."""

from marketplace.kit.states import StateMachine
from marketplace.scorecards.standing_models import (
    AppealMove,
    AppealState,
    StandingMove,
    StandingState,
)

# Figures warn, suspend and let a warning go; a suspension ends by a person only, since a vendor
# that sells nothing has no figures to get better by.
STANDING = StateMachine(
    "vendor's standing",
    start=StandingState.GOOD,
    moves={
        StandingState.GOOD: {
            StandingMove.WARN: StandingState.WARNED,
            StandingMove.SUSPEND: StandingState.SUSPENDED,
        },
        StandingState.WARNED: {
            StandingMove.WARN_AGAIN: StandingState.WARNED,
            StandingMove.SUSPEND: StandingState.SUSPENDED,
            StandingMove.RECOVER: StandingState.GOOD,
            StandingMove.LIFT: StandingState.GOOD,
        },
        StandingState.SUSPENDED: {StandingMove.LIFT: StandingState.GOOD},
    },
)

APPEAL = StateMachine(
    "appeal",
    start=AppealState.OPEN,
    moves={
        AppealState.OPEN: {
            AppealMove.GRANT: AppealState.GRANTED,
            AppealMove.DENY: AppealState.DENIED,
            AppealMove.OVERTAKE: AppealState.OVERTAKEN,
        },
    },
)
