"""The life of a rule set's version."""

from enum import StrEnum

from marketplace.kit.states import StateMachine


class RuleSetState(StrEnum):
    """SHADOW decides beside the active one, and for a share of the orders if one is given."""

    DRAFT = "draft"
    SHADOW = "shadow"
    ACTIVE = "active"
    RETIRED = "retired"


class RuleSetMove(StrEnum):
    SHADOW = "shadow"
    WITHDRAW = "withdraw"
    ACTIVATE = "activate"
    RETIRE = "retire"


RULE_SET = StateMachine(
    "rule set",
    start=RuleSetState.DRAFT,
    moves={
        RuleSetState.DRAFT: {
            RuleSetMove.SHADOW: RuleSetState.SHADOW,
            RuleSetMove.RETIRE: RuleSetState.RETIRED,
        },
        RuleSetState.SHADOW: {
            RuleSetMove.WITHDRAW: RuleSetState.DRAFT,
            RuleSetMove.ACTIVATE: RuleSetState.ACTIVE,
            RuleSetMove.RETIRE: RuleSetState.RETIRED,
        },
        RuleSetState.ACTIVE: {RuleSetMove.RETIRE: RuleSetState.RETIRED},
    },
)
