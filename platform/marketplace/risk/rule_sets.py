"""Read the rules of risk: their versions, what one says, and what it would have said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import connection, transaction
from marketplace.risk import facts
from marketplace.risk.models import Outcome, RiskRule, RiskRuleSet, RuleSetState
from marketplace.risk.scoring import Hit, Judgement, Rule, Rules, judge

MOST_VERSIONS = 50
MOST_ORDERS = 500

_ACTIVE = """
    SELECT rules.id AS rule_set_id, rules.review_from, rules.reject_from, rule.position,
        rule.kind, rule.score, rule.amount_minor, rule.currency, rule.orders, rule.hours
    FROM risk_rule_set rules JOIN risk_rule rule ON rule.rule_set_id = rules.id
    WHERE rules.state = 'active' ORDER BY rule.position
"""
_LAST = "SELECT id, number FROM orders ORDER BY id DESC LIMIT $1"
_OF_ORDER = """
    SELECT assessment.score, assessment.outcome, assessment.hits, assessment.inputs,
        assessment.assessed_at, rules.version, rules.review_from, rules.reject_from
    FROM risk_assessment assessment JOIN risk_rule_set rules ON rules.id = assessment.rule_set_id
    WHERE assessment.order_id = $1
"""


@dataclass(frozen=True, slots=True)
class Content:
    version: RiskRuleSet
    rules: Rules


@dataclass(frozen=True, slots=True)
class Said:
    """What rules would have said of an order that was placed."""

    order_id: UUID
    number: str
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """What the rules in force said of an order when it was paid for."""

    version: int
    score: int
    outcome: Outcome
    review_from: int
    reject_from: int
    hits: Sequence[Hit]
    inputs: dict[str, object]
    assessed_at: datetime


async def in_force() -> tuple[UUID, Rules] | None:
    """The active rules and their id, or None where there is nothing to ask. In a transaction."""
    rows = await connection().fetch(_ACTIVE)
    if not rows:
        return None
    limits = rows[0]["review_from"], rows[0]["reject_from"]
    names = ("position", "score", "amount_minor", "currency", "orders", "hours")
    rules = [Rule(kind=row["kind"], **{name: row[name] for name in names}) for row in rows]
    return rows[0]["rule_set_id"], Rules(review_from=limits[0], reject_from=limits[1], rules=rules)


async def versions(*, principal: Principal) -> list[RiskRuleSet]:
    """The newest first."""
    _check(principal)
    async with transaction(principal, read_only=True):
        return await RiskRuleSet.all().order_by("-version").limit(MOST_VERSIONS)


async def content(*, principal: Principal, version_id: UUID | None = None) -> Content:
    """What a version says; without an id the one in force."""
    _check(principal)
    async with transaction(principal, read_only=True):
        wanted = {"state": RuleSetState.ACTIVE} if version_id is None else {"id": version_id}
        version = await RiskRuleSet.get_or_none(**wanted)
        if version is None:
            raise NotFound("rule set")
        rows = await RiskRule.filter(rule_set_id=version.id).order_by("position")
    rules = [
        Rule(
            position=row.position, kind=row.kind, score=row.score, amount_minor=row.amount_minor,
            currency=row.currency, orders=row.orders, hours=row.hours,
        )
        for row in rows
    ]  # fmt: skip
    limits = {"review_from": version.review_from, "reject_from": version.reject_from}
    return Content(version, Rules(**limits, rules=rules))


async def would_have_said(*, principal: Principal, version_id: UUID, last: int) -> list[Said]:
    """Each of the last orders judged by a version as things stood when it was placed.

    The newest first, at most 500. The card's country is known of orders that were judged before.
    """
    said = await content(principal=principal, version_id=version_id)
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(_LAST, min(last, MOST_ORDERS))
        known = await facts.of_orders([row["id"] for row in rows], said.rules)
    return [Said(row["id"], row["number"], judge(said.rules, known[row["id"]])) for row in rows]


async def of_order(*, principal: Principal, order_id: UUID) -> Assessed | None:
    """None where no rules were in force when it was paid for, or it was not."""
    _check(principal)
    async with transaction(principal, read_only=True):
        row = await connection().fetchrow(_OF_ORDER, order_id)
    if row is None:
        return None
    return Assessed(
        version=row["version"], score=row["score"], outcome=Outcome(row["outcome"]),
        review_from=row["review_from"], reject_from=row["reject_from"],
        hits=[Hit(**hit) for hit in facts.read(row["hits"])],
        inputs=facts.read(row["inputs"]), assessed_at=row["assessed_at"],
    )  # fmt: skip


def _check(principal: Principal) -> None:
    if principal.kind not in (Kind.STAFF, Kind.SYSTEM):
        raise Forbidden("see the rules of risk")
