"""The engine filters, ranks and explains."""

from typing import Any

import pytest

from marketplace.routing.deciding import decide
from marketplace.routing.decisions import DecidedLine, Judged, Verdict
from marketplace.routing.documents import RuleSet
from marketplace.routing.filters import Reason
from marketplace.routing.requests import Candidate, Preference, Request
from tests.routing.asked import candidate, line, request, rules


def only_line(rule_set: RuleSet, asked: Request) -> DecidedLine:
    [decided] = decide(rule_set, asked).lines
    return decided


def judged(decided: DecidedLine, stock_id: str) -> Judged:
    [found] = [one for one in decided.candidates if one.stock_id == stock_id]
    return found


def winner(rule_set: RuleSet, *candidates: Candidate, **changed: Any) -> str | None:
    return decide(rule_set, request(*candidates, **changed)).chosen()["line"]


@pytest.mark.parametrize(
    ("trouble", "verdict", "reason"),
    [
        ({"outage": "no power"}, Verdict.OUT, Reason.OUTAGE),
        ({"closed": "on holiday"}, Verdict.OUT, Reason.CLOSED),
        ({"ships_there": False}, Verdict.OUT, Reason.NOT_SHIPPED_THERE),
        ({"available": 0}, Verdict.STANDS_BY, Reason.NO_STOCK),
        ({"capacity_left": 0}, Verdict.STANDS_BY, Reason.FULL),
        ({"distance": 2}, Verdict.LOST, Reason.RANKED_LOWER),
    ],
)
def test_each_loser_is_told_why(trouble: dict[str, Any], verdict: Verdict, reason: Reason) -> None:
    decided = only_line(rules(), request(candidate("near", **trouble), candidate("good")))

    assert judged(decided, "good").verdict is Verdict.WON
    lost = judged(decided, "near")
    assert (lost.verdict, lost.reason) == (verdict, reason)
    assert lost.detail


def test_who_the_customer_did_not_choose_is_out() -> None:
    asked = request(
        candidate("theirs", offer_id="another", distance=0), candidate("chosen"),
        lines=(line(offer_id="offer"),),
    )  # fmt: skip

    decided = only_line(rules(), asked)

    assert decided.ranking == ("chosen",)
    assert judged(decided, "theirs").reason is Reason.OTHER_SELLER


def test_a_seller_that_failed_before_is_left_out() -> None:
    asked = request(candidate("failed", vendor_id="w"), without_vendors=("w",))

    assert judged(only_line(rules(), asked), "failed").reason is Reason.LEFT_OUT


def test_a_full_day_is_no_reason_to_send_nothing() -> None:
    decided = only_line(rules(), request(candidate("full", capacity_left=0)))

    assert judged(decided, "full").verdict is Verdict.WON


def test_what_has_no_stock_now_stands_by_behind_everybody_else() -> None:
    asked = request(
        candidate("empty", available=0, distance=0), candidate("far", distance=2),
        candidate("shut", outage="no power"),
    )  # fmt: skip

    assert only_line(rules(), asked).ranking == ("far", "empty")


def test_nobody_wins_without_stock() -> None:
    assert winner(rules(), candidate("empty", available=0)) is None
    assert winner(rules()) is None


@pytest.mark.parametrize(
    ("ranker", "better", "worse"),
    [
        ("proximity", {"distance": 0}, {"distance": 1}),
        ("stock", {"available": 9}, {"available": 2}),
        ("shipping_cost", {"shipping_minor": 3_90}, {"shipping_minor": 4_90}),
        ("shipping_cost", {"shipping_minor": 3_90}, {"shipping_minor": None}),
        ("promise", {"promise_days": 1}, {"promise_days": 3}),
        ("vendor_score", {"vendor_score": 990}, {"vendor_score": 700}),
        ("capacity", {"capacity_left": 40}, {"capacity_left": 3}),
        ("price", {"price_minor": 10_00}, {"price_minor": 11_00}),
        ("priority", {"priority": 1}, {"priority": 2}),
    ],
)
def test_each_ranker_prefers_the_better(
    ranker: str, better: dict[str, Any], worse: dict[str, Any]
) -> None:
    chosen = winner(rules(rankers=[{"name": ranker}]), candidate("b", **better),
                    candidate("a", **worse))  # fmt: skip

    assert chosen == "b"


def test_fewest_splits_takes_the_place_that_has_everything() -> None:
    lines = (line(id="mugs"), line(id="cups", variant_id="cup"))
    asked = request(
        candidate("a", location="shop"),
        candidate("b", location="hall"), candidate("c", location="hall", variant_id="cup"),
        lines=lines,
    )  # fmt: skip

    decided = decide(rules(rankers=[{"name": "fewest_splits"}]), asked)

    assert decided.chosen() == {"mugs": "b", "cups": "c"}


@pytest.mark.parametrize(
    ("preference", "chosen"),
    [(Preference.SOONEST, "fast"), (Preference.NEAREST, "near"), (None, "fast")],
)
def test_the_customer_may_care_for_something(preference: Preference | None, chosen: str) -> None:
    by_preference = rules(rankers=[{"name": "preference"}])
    fast, near = candidate("fast", promise_days=1), candidate("near", promise_days=9, distance=0)

    assert winner(by_preference, fast, near, preference=preference) == chosen


def test_weights_are_summed() -> None:
    weighted = rules(
        mode="weighted",
        rankers=[{"name": "proximity", "weight": 1}, {"name": "promise", "weight": 5}],
    )
    near, fast = candidate("near", distance=0, promise_days=9), candidate("fast", promise_days=2)

    assert winner(weighted, near, fast) == "fast"
    assert "weighted penalty" in judged(only_line(weighted, request(near, fast)), "near").detail


def test_a_row_forbids_and_another_prefers() -> None:
    rows = [
        {"name": "no loom abroad", "action": "forbid", "vendors": ["loom"], "countries": ["DE"]},
        {"name": "shop first", "action": "prefer", "locations": ["shop"], "postcodes": ["10"]},
    ]
    asked = request(
        candidate("loom", vendor="loom", distance=0), candidate("hall", distance=0),
        candidate("shop", distance=2),
    )  # fmt: skip

    decided = only_line(rules(rows=rows), asked)

    assert judged(decided, "shop").verdict is Verdict.WON
    assert judged(decided, "shop").rows == ("shop first",)
    assert judged(decided, "loom").detail == "the rule “no loom abroad” forbids it"
    assert judged(decided, "hall").detail == "preferred by 0 rules, the winner by 1"


def test_a_row_ranks_otherwise_where_its_conditions_hold() -> None:
    rows = [{"name": "dear", "action": "rank", "from_minor": 50_00, "to_minor": 90_00,
             "categories": ["home"], "rankers": [{"name": "stock"}]}]  # fmt: skip
    near, full = candidate("near", distance=0, available=1), candidate("full", available=50)

    assert winner(rules(rows=rows), near, full, order_value_minor=50_00) == "full"
    assert winner(rules(rows=rows), near, full, order_value_minor=90_00) == "near"


def test_a_free_condition_asks_what_the_table_cannot() -> None:
    when = "candidate.distance > 0 && line.quantity >= 2"
    rows = [{"name": "heavy", "action": "forbid", "when": when}]
    two = (line(quantity=2),)

    assert winner(rules(rows=rows), candidate("far")) == "far"
    assert winner(rules(rows=rows), candidate("far"), lines=two) is None


def test_a_condition_about_something_unknown_does_not_hold() -> None:
    rows = [{"name": "slow", "action": "forbid", "when": "candidate.promise_days > 2"}]

    assert winner(rules(rows=rows), candidate("unknown", promise_days=None)) == "unknown"
