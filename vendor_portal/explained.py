"""An explanation in the words of the vendor: what it may see, and nothing that says it nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from marketplace.kit.money import EXPONENTS, Money
from settlement.explaining.nodes import Explanation, Node
from settlement.payouts.models import PayoutState
from vendor_portal.money_words import PLACES, title_in_words
from vendor_portal.payout_words import STATES

# A fact that is not named here is not shown.
LABELS = {
    "order": "Order",
    "day": "Day",
    "account": "Where",
    "sku": "SKU",
    "quantity": "Quantity",
    "unit price": "Price each",
    "own discount": "Your discount",
    "platform discount": "Our discount",
    "net": "Net",
    "tax": "Tax",
    "tax rate": "Tax rate",
    "customer paid": "The customer paid",
    "entitlement": "Yours, before commission",
    "commission": "Commission",
    "commission rate": "Commission rate",
    "commission rule": "Commission rule",
    "commission rule version": "Version of the commission rule",
    "commission vat": "VAT on commission",
    "commission vat rate": "Rate of that VAT",
    "customer got": "The customer got back",
    "reason": "Reason",
    "note": "Note",
    "held": "Kept back",
    "of": "Of the earning",
    "rate": "Share",
    "released": "Released so far",
    "used": "Used for refunds",
    "release": "Released on",
    "opening": "Opening balance",
    "cut off": "Up to",
    "paid": "Paid on",
    "arrival": "Arrives on",
    "trace": "Your bank finds it by",
    "opened at": "Opened on",
}
_AMOUNT = re.compile(r"(-?[0-9]+)(?:\.([0-9]+))? ([A-Z]{3})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(rf"{_DAY.pattern} [0-9:.]+\+00:00")
_STATEMENT = re.compile(r"Statement ([0-9]+)")


@dataclass(frozen=True, slots=True)
class Said:
    """`kind` is how the value is shown: text, money or day."""

    label: str
    value: str | Money | date
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    title: str
    amount: Money | None
    href: str
    is_entry: bool
    said: Sequence[Said]
    children: Sequence["Told"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The parts add up to the subject's amount; what was paid out is told above zero."""

    subject: Told
    parts: Sequence[Told]
    because: Sequence[Told]
    went_to: Sequence[Told]


def story_of(explanation: Explanation) -> Story:
    subject = explanation.subject
    assert subject.amount is not None, subject
    # Statement lines are what a payout pays; it takes them from the balance.
    is_paid_out = subject.amount.minor < 0 and explanation.parts[0].kind == "statement"
    sign = -1 if is_paid_out else 1
    return Story(
        subject=replace(told(subject, sign=sign), children=()),
        parts=[told(part, sign=sign) for part in explanation.parts],
        because=[told(node) for node in explanation.came_from],
        went_to=[told(node) for node in explanation.went_to],
    )


def told(node: Node, *, sign: int = 1) -> Told:
    """One node and all below it; its own amount is taken `sign` times."""
    return Told(
        title=_title(node),
        amount=None if node.amount is None else node.amount * sign,
        is_entry=node.kind == "entry",
        href=_href(node),
        said=[_said(fact.label, fact.value) for fact in node.facts if fact.label in LABELS],
        children=[told(child) for child in node.children],
    )


def _title(node: Node) -> str:
    match node.kind:
        case "entry":
            return title_in_words(node.title)
        case "payout":
            state = node.title.removeprefix("Payout, ")
            return f"Payout: {STATES[PayoutState(state)][0].lower()}"
        case "transfer":
            return "Sent to your account at our payment provider"
        case "provider_payout":
            return "Sent on to your bank"
        case _:
            return node.title


def _href(node: Node) -> str:
    if node.kind == "entry" and node.id is not None:
        return f"/portal/balance/entries/{node.id}"
    if node.kind == "payout":
        return f"/portal/payouts/{node.id}"
    numbered = _STATEMENT.fullmatch(node.title)
    if node.kind == "statement" and numbered is not None and node.amount is not None:
        return f"/portal/statements/{node.amount.currency}/{numbered[1]}"
    return ""


def _said(label: str, value: str) -> Said:
    words = LABELS[label]
    if label == "account":
        return Said(words, PLACES.get(value[:4], value[4:].strip()), "text")
    amount = _AMOUNT.fullmatch(value)
    if amount is not None and amount[3] in EXPONENTS:
        return Said(words, Money(int(amount[1] + (amount[2] or "")), amount[3]), "money")
    if _DAY.fullmatch(value):
        return Said(words, date.fromisoformat(value), "day")
    if _MOMENT.fullmatch(value):
        return Said(words, datetime.fromisoformat(value).date(), "day")
    return Said(words, value, "text")
