"""The life of a vendor's account at the provider."""

from enum import StrEnum

from marketplace.kit.states import StateMachine
from settlement.connected.models import AccountState


class AccountMove(StrEnum):
    OPEN = "open"
    ONBOARD = "onboard"
    ENABLE = "enable"
    RESTRICT = "restrict"
    DISCONNECT = "disconnect"


# What was enabled once is never new again: the provider restricts it until its questions are
# answered. A vendor who disconnects is gone for good; the way back is another account.
ACCOUNT = StateMachine(
    "connected account",
    start=AccountState.NEW,
    moves={
        AccountState.NEW: {
            AccountMove.ONBOARD: AccountState.ONBOARDING,
            AccountMove.ENABLE: AccountState.ENABLED,
            AccountMove.RESTRICT: AccountState.RESTRICTED,
        },
        AccountState.ONBOARDING: {
            AccountMove.ENABLE: AccountState.ENABLED,
            AccountMove.RESTRICT: AccountState.RESTRICTED,
            AccountMove.DISCONNECT: AccountState.DISCONNECTED,
        },
        AccountState.ENABLED: {
            AccountMove.RESTRICT: AccountState.RESTRICTED,
            AccountMove.DISCONNECT: AccountState.DISCONNECTED,
        },
        AccountState.RESTRICTED: {
            AccountMove.ENABLE: AccountState.ENABLED,
            AccountMove.DISCONNECT: AccountState.DISCONNECTED,
        },
    },
)
