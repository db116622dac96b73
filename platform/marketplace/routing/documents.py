"""A rule set as data: how candidates are ranked, and a table of rows that prefer, forbid or rank.

`parse` turns the kept document into something that can decide, or says which row and which field
are wrong and what would do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from marketplace.routing.conditions import Condition, UnusableCondition, compiled
from marketplace.routing.rankers import Ranker
from marketplace.routing.requests import Candidate, Line, Request

Word = TypeVar("Word", bound=StrEnum)

MOST_ROWS = 50
LONGEST_NAME = 60
HEAVIEST = 1000
DEAREST_PERCENT = 20


class Mode(StrEnum):
    LEXICOGRAPHIC = "lexicographic"
    WEIGHTED = "weighted"


class Action(StrEnum):
    PREFER = "prefer"
    FORBID = "forbid"
    RANK = "rank"


class Bearer(StrEnum):
    """Who pays when a replacement costs more than the customer paid."""

    PLATFORM = "platform"
    VENDOR = "vendor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`row` is None for the rule set as a whole; rows count from 1, as a person does."""

    row: int | None
    field: str
    problem: str


@dataclass(frozen=True, slots=True)
class Invalid(Exception):
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Rankers with their weights, the most important first."""

    mode: Mode
    weights: tuple[tuple[Ranker, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """All filled conditions must hold; an empty one always does. Amounts are minor units."""

    name: str
    action: Action
    countries: frozenset[str]
    postcodes: tuple[str, ...]
    categories: frozenset[str]
    from_minor: int | None
    to_minor: int | None
    vendors: frozenset[str]
    locations: frozenset[str]
    when: Condition | None
    ranking: Ranking | None

    def applies(self, request: Request, line: Line, candidate: Candidate | None = None) -> bool:
        there, value = request.destination, request.order_value_minor
        return (
            (not self.countries or there.country in self.countries)
            and (not self.postcodes or there.postcode.startswith(self.postcodes))
            and (not self.categories or line.category in self.categories)
            and (self.from_minor is None or value >= self.from_minor)
            and (self.to_minor is None or value < self.to_minor)
            and (candidate is None or self._names(candidate))
            and (self.when is None or self.when.holds(request, line, candidate))
        )

    def _names(self, candidate: Candidate) -> bool:
        return (not self.vendors or candidate.vendor in self.vendors) and (
            not self.locations or candidate.location in self.locations
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """A parsed version: `id` and `version` name it in every decision it makes.

    A replacement may cost `dearest_percent` more than the customer paid, and `bearer` pays it.
    """

    id: str
    version: int
    ranking: Ranking
    rows: tuple[Row, ...]
    bearer: Bearer
    dearest_percent: int


def parse(document: Mapping[str, Any], *, rule_set_id: str, version: int) -> RuleSet:
    """Refuses (Invalid) a document with problems, all of them told at once."""
    problems: list[Problem] = []
    ranking = _ranking(document, None, problems)
    kept = document.get("rows", [])
    if len(kept) > MOST_ROWS:
        problems.append(Problem(row=None, field="rows", problem=f"more than {MOST_ROWS}"))
    rows = [_row(row, number, problems) for number, row in enumerate(kept[:MOST_ROWS], start=1)]
    bearer = _word(Bearer, document.get("bearer", Bearer.PLATFORM), None, "bearer", problems)
    dearest = document.get("dearest_percent", DEAREST_PERCENT)
    if type(dearest) is not int or not 0 <= dearest <= 1000:
        problem = "a whole number from 0 to 1000"
        problems.append(Problem(row=None, field="dearest_percent", problem=problem))
    if problems or ranking is None or bearer is None:
        raise Invalid(tuple(problems))
    return RuleSet(
        id=rule_set_id,
        version=version,
        ranking=ranking,
        rows=tuple(row for row in rows if row is not None),
        bearer=bearer,
        dearest_percent=dearest,
    )


def _row(kept: Mapping[str, Any], number: int, problems: list[Problem]) -> Row | None:
    before = len(problems)
    name = str(kept.get("name", "")).strip()
    if not 0 < len(name) <= LONGEST_NAME:
        problem = f"give it 1 to {LONGEST_NAME} characters, it is told in every decision"
        problems.append(Problem(row=number, field="name", problem=problem))
    action = _word(Action, kept.get("action"), number, "action", problems)
    countries = _words(kept, "countries")
    for country in sorted(countries):
        if not (len(country) == 2 and country.isalpha() and country.isupper()):
            problem = f"{country!r} is not a country: two capital letters, such as DE"
            problems.append(Problem(row=number, field="countries", problem=problem))
    from_minor = _amount(kept, "from_minor", number, problems)
    to_minor = _amount(kept, "to_minor", number, problems)
    if from_minor is not None and to_minor is not None and from_minor >= to_minor:
        problem = "it is not more than where the row starts"
        problems.append(Problem(row=number, field="to_minor", problem=problem))
    when = _condition(kept, number, problems)
    ranking = _ranking(kept, number, problems) if action is Action.RANK else None
    vendors, locations = _words(kept, "vendors"), _words(kept, "locations")
    if action is Action.RANK:
        _refuse_candidates(when, vendors | locations, number, problems)
    if len(problems) > before or action is None:
        return None
    return Row(
        name=name, action=action, countries=countries,
        postcodes=tuple(sorted(_words(kept, "postcodes"))), categories=_words(kept, "categories"),
        from_minor=from_minor, to_minor=to_minor, vendors=vendors, locations=locations,
        when=when, ranking=ranking,
    )  # fmt: skip


def _refuse_candidates(
    when: Condition | None, named: frozenset[str], number: int, problems: list[Problem]
) -> None:
    """An order of rankers holds for a whole line, so it cannot hang on one candidate."""
    if named:
        problem = "a row that ranks holds for all sellers and locations: leave them empty"
        problems.append(Problem(row=number, field="vendors", problem=problem))
    if when is not None and when.asks_candidate:
        problem = "a row that ranks cannot ask about one candidate"
        problems.append(Problem(row=number, field="when", problem=problem))


def _ranking(
    kept: Mapping[str, Any], number: int | None, problems: list[Problem]
) -> Ranking | None:
    mode = _word(Mode, kept.get("mode", Mode.LEXICOGRAPHIC), number, "mode", problems)
    weights: list[tuple[Ranker, int]] = []
    for item in kept.get("rankers", []):
        ranker = _word(Ranker, item.get("name"), number, "rankers", problems)
        weight = item.get("weight", 1)
        if type(weight) is not int or not 1 <= weight <= HEAVIEST:
            problem = f"{item.get('name')}: its weight is a whole number from 1 to {HEAVIEST}"
            problems.append(Problem(row=number, field="rankers", problem=problem))
        elif ranker is not None:
            weights.append((ranker, weight))
    if len({ranker for ranker, _ in weights}) < len(weights):
        problems.append(Problem(row=number, field="rankers", problem="one of them is named twice"))
    if not kept.get("rankers"):
        problem = f"name at least one of {', '.join(Ranker)}"
        problems.append(Problem(row=number, field="rankers", problem=problem))
    return Ranking(mode=mode, weights=tuple(weights)) if mode is not None else None


def _word(
    words: type[Word], value: object, number: int | None, name: str, problems: list[Problem]
) -> Word | None:
    try:
        return words(str(value))
    except ValueError:
        problem = f"{value or 'nothing'} is not one of {', '.join(words)}"
        problems.append(Problem(row=number, field=name, problem=problem))
        return None


def _words(kept: Mapping[str, Any], name: str) -> frozenset[str]:
    values: Sequence[object] = kept.get(name) or ()
    return frozenset(str(value).strip() for value in values if str(value).strip())


def _amount(kept: Mapping[str, Any], name: str, number: int, problems: list[Problem]) -> int | None:
    value = kept.get(name)
    if value is None or (type(value) is int and value >= 0):
        return value
    problem = "an amount is a whole number of minor units, not below zero"
    problems.append(Problem(row=number, field=name, problem=problem))
    return None


def _condition(kept: Mapping[str, Any], number: int, problems: list[Problem]) -> Condition | None:
    source = str(kept.get("when") or "").strip()
    if not source:
        return None
    try:
        return compiled(source)
    except UnusableCondition as error:
        problems.append(Problem(row=number, field="when", problem=error.problem))
        return None
