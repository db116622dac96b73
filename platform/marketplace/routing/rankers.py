"""What makes one candidate better than another: a penalty from 0 (best) to 1000, for each ranker.

Penalties stand on fixed scales, never on the other candidates: adding a worse one cannot turn the
order of two others round.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from marketplace.routing.requests import Candidate, Line, Preference

WORST = 1000
PLENTY = 10  # times what is wanted: more stock than that is no better
DEAR_MINOR = 50_00  # shipping that costs this much, or more, is as dear as it gets
LATE_DAYS = 20
FAR = 2
MUCH_CAPACITY = 50  # lines
MANY = 100  # priorities


class Ranker(StrEnum):
    PROXIMITY = "proximity"
    STOCK = "stock"
    SHIPPING_COST = "shipping_cost"
    PROMISE = "promise"
    VENDOR_SCORE = "vendor_score"
    CAPACITY = "capacity"
    PREFERENCE = "preference"
    FEWEST_SPLITS = "fewest_splits"
    PRICE = "price"
    PRIORITY = "priority"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a ranker may look at: the candidate, its line, and what its location could do at once.

    `together` is how many of the lines that location could serve, of `lines`.
    """

    line: Line
    candidate: Candidate
    together: int
    lines: int
    preference: Preference | None


def penalties(seen: Seen, rankers: Collection[Ranker]) -> dict[Ranker, int]:
    return {ranker: RANKERS[ranker](seen) for ranker in rankers}


def _scaled(value: int | None, worst_at: int) -> int:
    if value is None:
        return WORST
    return min(max(value, 0) * WORST // worst_at, WORST)


def _proximity(seen: Seen) -> int:
    return _scaled(seen.candidate.distance, FAR)


def _stock(seen: Seen) -> int:
    cover = seen.candidate.available * WORST // (seen.line.quantity * PLENTY)
    return WORST - min(max(cover, 0), WORST)


def _shipping_cost(seen: Seen) -> int:
    return _scaled(seen.candidate.shipping_minor, DEAR_MINOR)


def _promise(seen: Seen) -> int:
    return _scaled(seen.candidate.promise_days, LATE_DAYS)


def _vendor_score(seen: Seen) -> int:
    score = seen.candidate.vendor_score
    return WORST if score is None else WORST - min(max(score, 0), WORST)


def _capacity(seen: Seen) -> int:
    left = seen.candidate.capacity_left
    return 0 if left is None else WORST - _scaled(left, MUCH_CAPACITY)


def _fewest_splits(seen: Seen) -> int:
    return WORST * (seen.lines - seen.together) // seen.lines


def _price(seen: Seen) -> int:
    """Against what the customer pays: the same or less is best, twice as much is worst."""
    paid = seen.line.value_minor
    return _scaled(seen.candidate.price_minor * seen.line.quantity - paid, max(paid, 1))


def _priority(seen: Seen) -> int:
    return _scaled(seen.candidate.priority, MANY)


def _preference(seen: Seen) -> int:
    ranker = _PREFERRED.get(seen.preference) if seen.preference else None
    return ranker(seen) if ranker else 0


_PREFERRED: Mapping[Preference, Callable[[Seen], int]] = {
    Preference.SOONEST: _promise,
    Preference.FEWEST_PARCELS: _fewest_splits,
    Preference.NEAREST: _proximity,
}
RANKERS: Mapping[Ranker, Callable[[Seen], int]] = {
    Ranker.PROXIMITY: _proximity,
    Ranker.STOCK: _stock,
    Ranker.SHIPPING_COST: _shipping_cost,
    Ranker.PROMISE: _promise,
    Ranker.VENDOR_SCORE: _vendor_score,
    Ranker.CAPACITY: _capacity,
    Ranker.PREFERENCE: _preference,
    Ranker.FEWEST_SPLITS: _fewest_splits,
    Ranker.PRICE: _price,
    Ranker.PRIORITY: _priority,
}
