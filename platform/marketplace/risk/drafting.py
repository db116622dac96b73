"""Change the rules of risk: a draft that can be tried on past orders, then the next version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.kit import locks
from marketplace.kit.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.money import EXPONENTS
from marketplace.kit.principal import Kind, Principal, StaffRole
from marketplace.kit.transactions import atomic, connection
from marketplace.risk.models import RiskRule, RiskRuleSet, RuleKind, RuleSetState
from marketplace.risk.scoring import Rule, Rules

EDITORS = frozenset({StaffRole.OPERATIONS, StaffRole.ADMINISTRATOR})
MOST_RULES = 30
MOST_POINTS = 1000
LONGEST_NOTE = 200  # characters
LONGEST_HOURS = 24 * 90
LOCK = "risk rules"
BY_AMOUNT = frozenset({RuleKind.AMOUNT_ABOVE, RuleKind.FIRST_ORDER_ABOVE})
BY_PACE = frozenset({RuleKind.SAME_EMAIL, RuleKind.SAME_CUSTOMER, RuleKind.SAME_ADDRESS})

_NEXT = "SELECT max(version) + 1 FROM risk_rule_set"
_RETIRE = "UPDATE risk_rule_set SET state = 'retired', retired_at = $1 WHERE state = 'active'"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a draft is to say. Rules are numbered as they are given."""

    rules: Rules
    note: str


@atomic()
async def save(*, principal: Principal, draft: Draft, now: datetime) -> UUID:
    """Keep the draft, instead of the one there was; its id. Nothing is in force by it.

    Operations and administrators may. Refuses (InvalidInput, naming the rule) what could not be
    judged by, thresholds in the wrong order, and a draft without a note.
    """
    _check_editor(principal)
    note = draft.note.strip()
    if not 0 < len(note) <= LONGEST_NOTE:
        raise InvalidInput("note", "it says what changes", f"1 to {LONGEST_NOTE} characters")
    check(draft.rules)
    await locks.hold(LOCK)
    kept = await RiskRuleSet.get_or_none(state=RuleSetState.DRAFT)
    if kept is None:
        version: int = await connection().fetchval(_NEXT)
        kept = RiskRuleSet(id=new_id(now), version=version, state=RuleSetState.DRAFT)
    else:
        await RiskRule.filter(rule_set_id=kept.id).delete()
    kept.review_from, kept.reject_from = draft.rules.review_from, draft.rules.reject_from
    kept.note, kept.created_by, kept.created_at = note, principal.key, now
    await kept.save()
    await _write(kept.id, draft.rules.rules, now)
    return kept.id


@atomic()
async def activate(*, principal: Principal, version_id: UUID, now: datetime) -> None:
    """Put the draft in force for what is paid from now on. Refuses what is no draft any more."""
    _check_editor(principal)
    await locks.hold(LOCK)
    draft = await RiskRuleSet.get_or_none(id=version_id)
    if draft is None:
        raise NotFound("rule set")
    if draft.state is not RuleSetState.DRAFT:
        raise IllegalMove(thing="rule set", state=draft.state, move="activate")
    await connection().execute(_RETIRE, now)
    draft.state, draft.activated_by, draft.activated_at = RuleSetState.ACTIVE, principal.key, now
    await draft.save(update_fields=["state", "activated_by", "activated_at"])


@atomic()
async def discard(*, principal: Principal, version_id: UUID) -> None:
    """Throw the draft away; NotFound where there is none. What was ever in force stays."""
    _check_editor(principal)
    await locks.hold(LOCK)
    draft = await RiskRuleSet.get_or_none(id=version_id, state=RuleSetState.DRAFT)
    if draft is None:
        raise NotFound("draft")
    await RiskRule.filter(rule_set_id=draft.id).delete()
    await draft.delete()


def check(rules: Rules) -> None:
    """Refuses what could not be judged by; the name says which rule."""
    if not 1 <= rules.review_from <= rules.reject_from <= 100_000:
        accepted = "1 or more, and to decline no fewer than to review"
        raise InvalidInput("thresholds", "the points do not fit together", accepted)
    if len(rules.rules) > MOST_RULES:
        raise InvalidInput("rules", f"there are {len(rules.rules)}", f"at most {MOST_RULES}")
    for number, rule in enumerate(rules.rules, start=1):
        _check_rule(f"rule {number}", rule)


def _check_rule(name: str, rule: Rule) -> None:
    if not 1 <= rule.score <= MOST_POINTS:
        raise InvalidInput(name, "the points are out of range", f"1 to {MOST_POINTS}")
    has_amount = rule.amount_minor is not None and rule.currency is not None
    if (rule.kind in BY_AMOUNT) != has_amount:
        raise InvalidInput(name, "it needs an amount", "an amount and its currency")
    if has_amount and (rule.currency not in EXPONENTS or (rule.amount_minor or 0) < 0):
        raise InvalidInput(name, "the amount is none", "zero or more, of a currency we know")
    has_pace = rule.orders is not None and rule.hours is not None
    if (rule.kind in BY_PACE) != has_pace:
        raise InvalidInput(name, "it needs a pace", "a number of orders, and of hours")
    fits = 1 <= (rule.orders or 0) <= 100 and 1 <= (rule.hours or 0) <= LONGEST_HOURS
    if has_pace and not fits:
        accepted = f"1 to 100 orders in 1 to {LONGEST_HOURS} hours"
        raise InvalidInput(name, "the pace is out of range", accepted)


async def _write(rule_set_id: UUID, rules: Sequence[Rule], now: datetime) -> None:
    await RiskRule.bulk_create([
        RiskRule(
            id=new_id(now), rule_set_id=rule_set_id, position=position, kind=rule.kind,
            score=rule.score, amount_minor=rule.amount_minor, currency=rule.currency,
            orders=rule.orders, hours=rule.hours,
        )
        for position, rule in enumerate(rules, start=1)
    ])  # fmt: skip


def _check_editor(principal: Principal) -> None:
    is_editor = principal.kind is Kind.STAFF and principal.roles & EDITORS
    if principal.kind is not Kind.SYSTEM and not is_editor:
        raise Forbidden("change the rules of risk")
