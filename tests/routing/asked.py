"""Requests and rule sets for the engine: name only what the test is about."""

from typing import Any

from hypothesis import strategies as st

from marketplace.routing import documents
from marketplace.routing.documents import RuleSet
from marketplace.routing.rankers import Ranker
from marketplace.routing.requests import Candidate, Destination, Line, Request

PLAIN: dict[str, Any] = {
    "mode": "lexicographic",
    "rankers": [{"name": "proximity"}, {"name": "priority"}],
    "rows": [],
}


def rules(**changed: Any) -> RuleSet:
    return documents.parse({**PLAIN, **changed}, rule_set_id="rules", version=1)


def line(**changed: Any) -> Line:
    return Line(
        **{
            "id": "line", "variant_id": "mug", "offer_id": None, "sku": "mug", "category": "home",
            "quantity": 1, "value_minor": 10_00, **changed,
        }
    )  # fmt: skip


def candidate(stock_id: str, **changed: Any) -> Candidate:
    return Candidate(
        **{
            "stock_id": stock_id, "offer_id": "offer", "variant_id": "mug", "vendor_id": "v",
            "vendor": "kiln", "location": stock_id, "location_name": stock_id.title(),
            "country": "DE", "priority": 1, "available": 5, "at_hand": 5, "distance": 1,
            "price_minor": 10_00, **changed,
        }
    )  # fmt: skip


def request(*candidates: Candidate, lines: tuple[Line, ...] = (), **changed: Any) -> Request:
    return Request(
        **{
            "currency": "EUR", "destination": Destination(country="DE", postcode="10115"),
            "order_value_minor": 10_00, "lines": lines or (line(),), "candidates": candidates,
            **changed,
        }
    )  # fmt: skip


numbers = st.integers(min_value=0, max_value=40)


@st.composite
def candidates(draw: st.DrawFn, stock_id: str) -> Candidate:
    return candidate(
        stock_id,
        vendor_id=draw(st.sampled_from(["v", "w"])),
        vendor=draw(st.sampled_from(["kiln", "loom"])),
        offer_id=draw(st.sampled_from(["offer", "another"])),
        variant_id=draw(st.sampled_from(["mug", "mug", "cup"])),
        available=draw(st.integers(min_value=-2, max_value=6)),
        at_hand=draw(st.integers(min_value=-2, max_value=6)),
        distance=draw(st.integers(min_value=0, max_value=2)),
        priority=draw(numbers),
        price_minor=draw(st.integers(min_value=1, max_value=30_00)),
        ships_there=draw(st.sampled_from([True, True, True, False])),
        shipping_minor=draw(st.none() | st.integers(min_value=0, max_value=60_00)),
        promise_days=draw(st.none() | numbers),
        vendor_score=draw(st.none() | st.integers(min_value=0, max_value=1000)),
        capacity_left=draw(st.none() | st.integers(min_value=0, max_value=60)),
        closed=draw(st.sampled_from([None, None, None, "stocktaking"])),
        outage=draw(st.sampled_from([None, None, None, "no power"])),
    )


@st.composite
def requests(draw: st.DrawFn) -> Request:
    names = [f"s{number}" for number in range(draw(st.integers(min_value=0, max_value=8)))]
    lines = [
        line(
            id=f"line{number}",
            variant_id=draw(st.sampled_from(["mug", "cup"])),
            offer_id=draw(st.sampled_from([None, "offer"])),
            quantity=draw(st.integers(min_value=1, max_value=6)),
            category=draw(st.sampled_from(["home", "garden"])),
        )
        for number in range(draw(st.integers(min_value=1, max_value=3)))
    ]
    return request(
        *[draw(candidates(name)) for name in names],
        lines=tuple(lines),
        order_value_minor=draw(st.integers(min_value=0, max_value=100_00)),
        without_vendors=draw(st.sampled_from([(), ("w",)])),
    )


@st.composite
def rule_sets(draw: st.DrawFn) -> RuleSet:
    chosen = draw(st.lists(st.sampled_from(list(Ranker)), min_size=1, max_size=4, unique=True))
    rows = draw(
        st.lists(
            st.sampled_from([
                {"name": "no loom", "action": "forbid", "vendors": ["loom"]},
                {"name": "home first", "action": "prefer", "categories": ["home"],
                 "vendors": ["kiln"]},
                {"name": "dear by stock", "action": "rank", "from_minor": 50_00,
                 "rankers": [{"name": "stock"}]},
                {"name": "not from far", "action": "forbid", "when": "candidate.distance > 1"},
            ]),
            max_size=3,
        )
    )  # fmt: skip
    return rules(
        mode=draw(st.sampled_from(["lexicographic", "weighted"])),
        rankers=[{"name": name, "weight": draw(numbers) + 1} for name in chosen],
        rows=rows,
    )
