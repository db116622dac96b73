"""Rules of risk in force, for the tests."""

from uuid import UUID

from marketplace.risk import drafting
from marketplace.risk.drafting import Draft
from marketplace.risk.models import RuleKind
from marketplace.risk.scoring import Rule, Rules
from tests.factories import NOON
from tests.holds.waiting import OPERATIONS


def dear(minor: int, *, score: int = 60, position: int = 1) -> Rule:
    """An order in euros that costs more."""
    return Rule(
        position=position, kind=RuleKind.AMOUNT_ABOVE, score=score, amount_minor=minor,
        currency="EUR",
    )  # fmt: skip


def often(orders: int, *, hours: int = 24, score: int = 60, position: int = 1) -> Rule:
    """Other orders with the same e-mail address."""
    return Rule(
        position=position, kind=RuleKind.SAME_EMAIL, score=score, orders=orders, hours=hours
    )


async def draft(*rules: Rule, review_from: int = 50, reject_from: int = 100) -> UUID:
    wanted = Rules(review_from=review_from, reject_from=reject_from, rules=rules)
    return await drafting.save(principal=OPERATIONS, draft=Draft(wanted, "For a test"), now=NOON)


async def in_force(*rules: Rule, review_from: int = 50, reject_from: int = 100) -> UUID:
    version_id = await draft(*rules, review_from=review_from, reject_from=reject_from)
    await drafting.activate(principal=OPERATIONS, version_id=version_id, now=NOON)
    return version_id
