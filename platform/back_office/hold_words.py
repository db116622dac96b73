"""Holds and the rules of risk in words."""

from marketplace.orders.hold_models import HoldKind
from marketplace.risk.models import Outcome, RuleKind

KINDS = {
    HoldKind.FRAUD: ("Risk", "bad"),
    HoldKind.ADDRESS: ("Address", "warn"),
    HoldKind.PAYMENT: ("Payment", "warn"),
    HoldKind.STOCK: ("Stock", "warn"),
    HoldKind.MANUAL: ("By hand", "info"),
}
WHOLE = "order"  # what a form says for all of it
# Hours, as the filter of the queue has them.
AGES = {"4": "4 hours", "24": "a day", "72": "3 days", "168": "a week"}
OUTCOMES = {
    Outcome.APPROVE: ("Approved", "good"),
    Outcome.REVIEW: ("For review", "warn"),
    Outcome.REJECT: ("Declined", "bad"),
}
RULES = {
    RuleKind.AMOUNT_ABOVE: "The order costs more than",
    RuleKind.FIRST_ORDER_ABOVE: "A first order costs more than",
    RuleKind.SAME_EMAIL: "Other orders with the same e-mail",
    RuleKind.SAME_CUSTOMER: "Other orders of the same customer",
    RuleKind.SAME_ADDRESS: "Other orders to the same address",
    RuleKind.COUNTRY_DIFFERS: "The card is of another country than the address",
}
