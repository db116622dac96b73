"""What rules say of an order: pure, so that any order can be judged again by any rules."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from marketplace.kit.money import Money
from marketplace.risk.models import Outcome, RuleKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Adds `score` where it applies; the other fields are those that its kind asks for."""

    position: int
    kind: RuleKind
    score: int
    amount_minor: int | None = None
    currency: str | None = None
    orders: int | None = None
    hours: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    review_from: int
    reject_from: int
    rules: Sequence[Rule]

    @property
    def hours(self) -> int:
        """How far back the rules look."""
        return max((rule.hours or 0 for rule in self.rules), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an order when it was placed; the times are of other orders before it."""

    placed_at: datetime
    total_minor: int
    currency: str
    ships_to: str
    card_country: str | None
    has_earlier: bool
    same_email: Sequence[datetime]
    same_customer: Sequence[datetime]
    same_address: Sequence[datetime]

    def paid_from(self, card_country: str | None) -> "Facts":
        """What the payment adds to what was known; an unknown country adds nothing."""
        return self if card_country is None else replace(self, card_country=card_country)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A rule that applied, and what it saw."""

    position: int
    kind: RuleKind
    score: int
    saw: str


@dataclass(frozen=True, slots=True)
class Judgement:
    score: int
    outcome: Outcome
    hits: Sequence[Hit]


def judge(rules: Rules, facts: Facts) -> Judgement:
    """Scores of the rules that apply add up; the higher threshold that is reached decides."""
    hits = [
        Hit(position=rule.position, kind=rule.kind, score=rule.score, saw=saw)
        for rule in rules.rules
        if (saw := _saw(rule, facts)) is not None
    ]
    score = sum(hit.score for hit in hits)
    if score >= rules.reject_from:
        return Judgement(score, Outcome.REJECT, hits)
    if score >= rules.review_from:
        return Judgement(score, Outcome.REVIEW, hits)
    return Judgement(score, Outcome.APPROVE, hits)


def _saw(rule: Rule, facts: Facts) -> str | None:
    """What made the rule apply, for a person to read; None where it does not."""
    match rule.kind:
        case RuleKind.AMOUNT_ABOVE:
            return _amount(rule, facts)
        case RuleKind.FIRST_ORDER_ABOVE:
            return None if facts.has_earlier else _amount(rule, facts)
        case RuleKind.SAME_EMAIL:
            return _pace(rule, facts, facts.same_email)
        case RuleKind.SAME_CUSTOMER:
            return _pace(rule, facts, facts.same_customer)
        case RuleKind.SAME_ADDRESS:
            return _pace(rule, facts, facts.same_address)
        case RuleKind.COUNTRY_DIFFERS:
            if facts.card_country in (None, facts.ships_to):
                return None
            return f"card of {facts.card_country}, parcel to {facts.ships_to}"


def _amount(rule: Rule, facts: Facts) -> str | None:
    assert rule.amount_minor is not None, rule
    is_above = facts.currency == rule.currency and facts.total_minor > rule.amount_minor
    return str(Money(facts.total_minor, facts.currency)) if is_above else None


def _pace(rule: Rule, facts: Facts, others: Sequence[datetime]) -> str | None:
    assert rule.orders is not None, rule
    assert rule.hours is not None, rule
    since = facts.placed_at - timedelta(hours=rule.hours)
    found = sum(1 for placed_at in others if placed_at >= since)
    return f"{found} in {rule.hours} hours" if found >= rule.orders else None
