"""Whatever the rules and the question: who wins has passed, everybody has a reason."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.routing import filters
from marketplace.routing.deciding import decide
from marketplace.routing.decisions import Verdict
from marketplace.routing.documents import Action, RuleSet
from marketplace.routing.filters import FINAL
from marketplace.routing.requests import Preference, Request
from tests.routing.asked import candidate, request, requests, rule_sets


def test_a_request_survives_being_kept_as_json() -> None:
    asked = request(candidate("a"), preference=Preference.SOONEST, without_vendors=("w",))

    assert Request.of_json(asked.as_json()) == asked


@given(rule_sets(), requests())
def test_who_wins_passes_every_filter(rule_set: RuleSet, asked: Request) -> None:
    candidates = {one.stock_id: one for one in asked.candidates}
    decision = decide(rule_set, asked)

    for wanted, decided in zip(asked.lines, decision.lines, strict=True):
        for stock_id in decided.ranking:
            assert filters.first_out(asked, wanted, candidates[stock_id]) is None
            for row in rule_set.rows:
                applies = row.applies(asked, wanted, candidates[stock_id])
                assert row.action is not Action.FORBID or not applies
        if decided.winner is not None:
            assert decided.winner.stock_id == decided.ranking[0]
            assert candidates[decided.ranking[0]].available >= wanted.quantity


@given(rule_sets(), requests(), st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(
    rule_set: RuleSet, asked: Request, chance: Any
) -> None:
    shuffled = list(asked.candidates)
    chance.shuffle(shuffled)

    assert decide(rule_set, replace(asked, candidates=tuple(shuffled))) == decide(rule_set, asked)


@settings(max_examples=60)
@given(rule_sets(), requests())
def test_everybody_who_sells_it_is_judged_and_has_a_reason(
    rule_set: RuleSet, asked: Request
) -> None:
    for wanted, decided in zip(asked.lines, decide(rule_set, asked).lines, strict=True):
        sellers = {one.stock_id for one in asked.candidates if one.variant_id == wanted.variant_id}
        assert {one.stock_id for one in decided.candidates} == sellers
        assert sum(one.verdict is Verdict.WON for one in decided.candidates) <= 1
        for one in decided.candidates:
            assert one.verdict is Verdict.WON or (one.reason is not None and one.detail)
            assert (one.verdict is Verdict.OUT) == (one.reason in FINAL)


@given(rule_sets(), requests())
def test_adding_a_worse_candidate_changes_nothing(rule_set: RuleSet, asked: Request) -> None:
    before = decide(rule_set, asked)
    winners = {one.stock_id: one for one in asked.candidates}
    for decided in before.lines:
        if decided.winner is None:
            continue
        best = winners[decided.winner.stock_id]
        worse = replace(
            best, stock_id="zzz", location="elsewhere", distance=best.distance + 1,
            priority=best.priority + 1, price_minor=best.price_minor + 1, shipping_minor=None,
            promise_days=None, vendor_score=None,
            capacity_left=None if best.capacity_left is None else max(best.capacity_left - 1, 0),
        )  # fmt: skip
        after = decide(rule_set, replace(asked, candidates=(*asked.candidates, worse)))
        assert after.chosen() == before.chosen()
