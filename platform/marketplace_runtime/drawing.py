"""docs/states.md, drawn from the tables that the code moves by."""

from enum import StrEnum
from typing import Any

from marketplace.inventory.states import RESERVATION
from marketplace.kit.states import StateMachine
from marketplace.orders.states import SHIPMENT, SUB_ORDER
from marketplace.orders.status import OrderStatus, PaymentStatus
from marketplace.orders.substitution_models import SUBSTITUTION
from marketplace.payments.states import ATTEMPT, REFUND
from marketplace.routing.states import RULE_SET
from marketplace.scorecards.states import APPEAL, STANDING
from marketplace.sla.states import CLOCK
from settlement.adjustments.states import ADJUSTMENT
from settlement.connected.states import ACCOUNT
from settlement.disputes.states import DISPUTE
from settlement.earnings.states import EARNING, HOLD
from settlement.payouts.states import BATCH, PAYOUT
from settlement.reconciliation.states import BREAK

MACHINES: list[StateMachine[Any, Any]] = [
    SUB_ORDER, SHIPMENT, SUBSTITUTION, RESERVATION, ATTEMPT, REFUND, CLOCK, RULE_SET,
    STANDING, APPEAL,
    EARNING, HOLD, ACCOUNT, BATCH, PAYOUT, DISPUTE, ADJUSTMENT, BREAK,
]  # fmt: skip

_HEAD = """# States

Drawn by `souk states` from the tables in code; a test compares. Every move happens under a lock,
through one function, with its history and its event in the same transaction.
"""
_DERIVED = """## Read off, not stored

An order has no state of its own to get out of step. Its status is the first of these that fits
its live units: {order}. Its payment is read off the amounts: {payment}.
"""


def states_document() -> str:
    sections = [
        f"## {machine.thing.capitalize()}\n\n```mermaid\n{machine.mermaid()}\n```\n"
        for machine in MACHINES
    ]
    derived = _DERIVED.format(order=_words(OrderStatus), payment=_words(PaymentStatus))
    return "\n".join([_HEAD, *sections, derived])


def _words(states: type[StrEnum]) -> str:
    return ", ".join(state.value.replace("_", " ") for state in states)
