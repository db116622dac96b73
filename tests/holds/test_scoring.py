from dataclasses import replace
from datetime import timedelta

import pytest

from marketplace.risk.models import Outcome, RuleKind
from marketplace.risk.scoring import Facts, Rule, Rules, judge
from tests.factories import NOON
from tests.holds.risky import dear, often

QUIET = Facts(
    placed_at=NOON, total_minor=100_00, currency="EUR", ships_to="DE", card_country=None,
    has_earlier=True, same_email=(), same_customer=(), same_address=(),
)  # fmt: skip
AN_HOUR_AGO = NOON - timedelta(hours=1)
FIRST = replace(dear(50_00), kind=RuleKind.FIRST_ORDER_ABOVE)
ABROAD = Rule(position=1, kind=RuleKind.COUNTRY_DIFFERS, score=60)


@pytest.mark.parametrize(
    ("rule", "facts", "saw"),
    [
        (dear(99_99), QUIET, "100.00 EUR"),
        (dear(100_00), QUIET, None),
        (dear(1_00), replace(QUIET, currency="SEK"), None),
        (FIRST, QUIET, None),
        (FIRST, replace(QUIET, has_earlier=False), "100.00 EUR"),
        (often(2), replace(QUIET, same_email=[AN_HOUR_AGO, AN_HOUR_AGO]), "2 in 24 hours"),
        (often(2), replace(QUIET, same_email=[AN_HOUR_AGO]), None),
        (often(1), replace(QUIET, same_email=[NOON - timedelta(hours=24)]), "1 in 24 hours"),
        (often(1), replace(QUIET, same_email=[NOON - timedelta(hours=25)]), None),
        (
            replace(often(1), kind=RuleKind.SAME_CUSTOMER),
            replace(QUIET, same_customer=[AN_HOUR_AGO]),
            "1 in 24 hours",
        ),
        (
            replace(often(1), kind=RuleKind.SAME_ADDRESS),
            replace(QUIET, same_address=[AN_HOUR_AGO]),
            "1 in 24 hours",
        ),
        (ABROAD, QUIET, None),
        (ABROAD, QUIET.paid_from("DE"), None),
        (ABROAD, QUIET.paid_from("US"), "card of US, parcel to DE"),
    ],
)
def test_a_rule_applies_to_what_it_names(rule: Rule, facts: Facts, saw: str | None) -> None:
    said = judge(Rules(review_from=50, reject_from=100, rules=[rule]), facts)

    assert [hit.saw for hit in said.hits] == ([] if saw is None else [saw])
    assert said.score == (0 if saw is None else 60)


@pytest.mark.parametrize(
    ("scores", "outcome"),
    [
        ([], Outcome.APPROVE),
        ([49], Outcome.APPROVE),
        ([50], Outcome.REVIEW),
        ([49, 50], Outcome.REVIEW),
        ([50, 50], Outcome.REJECT),
    ],
)
def test_points_add_up_and_the_higher_threshold_decides(
    scores: list[int], outcome: Outcome
) -> None:
    rules = [dear(1_00, score=score, position=at) for at, score in enumerate(scores, start=1)]

    said = judge(Rules(review_from=50, reject_from=100, rules=rules), QUIET)

    assert (said.outcome, said.score) == (outcome, sum(scores))
