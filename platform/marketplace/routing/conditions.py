"""Free conditions: one CEL expression that is true or false of an order, a line and a candidate.

CEL always ends and touches nothing (docs/decisions/0018). What is kept small on top of that: the
length, the names it may use, and no macros, which are loops. The package takes a second to import,
so only who has a condition pays for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from marketplace.routing.requests import Candidate, Line, Request

LONGEST = 300  # characters
FIELDS: Mapping[str, Mapping[str, object]] = {
    "order": {"value_minor": 1, "currency": "EUR"},
    "destination": {"country": "DE", "postcode": "10115"},
    "line": {"sku": "mug", "category": "home", "quantity": 1, "value_minor": 1},
    "candidate": {
        "vendor": "kiln", "location": "main", "country": "DE", "priority": 1, "available": 1,
        "distance": 1, "price_minor": 1, "shipping_minor": 0, "promise_days": 0,
        "vendor_score": 0, "capacity_left": 0,
    },
}  # fmt: skip
_FUNCTIONS = frozenset({
    "_&&_", "_||_", "!_", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in", "_-_", "_*_",
    "_/_", "_%_", "-_", "_?_:_", "_[_]", "size", "startsWith", "endsWith", "contains",
})  # fmt: skip
_REFUSED = (ValueError, RuntimeError, TypeError, LookupError)


class _Program(Protocol):
    def execute(self, context: dict[str, Any]) -> Any: ...
    def variables(self) -> list[str]: ...
    def functions(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class UnusableCondition(Exception):
    """`problem` says what is wrong with it, for the person who wrote it."""

    problem: str


@dataclass(frozen=True, slots=True)
class Condition:
    """Compiled once; `holds` is False where it cannot be told, such as for an unknown number."""

    source: str
    asks_candidate: bool
    _program: _Program = field(repr=False, compare=False)

    def holds(self, request: Request, line: Line, candidate: Candidate | None) -> bool:
        try:
            return self._program.execute(_context(request, line, candidate)) is True
        except _REFUSED:
            return False


def compiled(source: str) -> Condition:
    """Refuses (UnusableCondition) what is too long, unknown, a loop, or not true or false."""
    if len(source) > LONGEST:
        raise UnusableCondition(f"it is longer than {LONGEST} characters")
    import cel  # a second: only where there is a condition

    try:
        program = cel.compile(source)
    except _REFUSED:
        raise UnusableCondition("it is not a CEL expression") from None
    unknown = sorted(set(program.variables()) - FIELDS.keys())
    if unknown:
        raise UnusableCondition(f"it may ask {', '.join(FIELDS)}, not {', '.join(unknown)}")
    if set(program.functions()) - _FUNCTIONS:
        raise UnusableCondition("it may compare, calculate and use size, startsWith, endsWith,"
                                " contains and in; nothing else")  # fmt: skip
    try:
        answer = program.execute({name: dict(example) for name, example in FIELDS.items()})
    except _REFUSED as error:
        raise UnusableCondition(f"it cannot be worked out: {error}") from None
    if not isinstance(answer, bool):
        raise UnusableCondition("it is neither true nor false")
    return Condition(source, "candidate" in program.variables(), program)


def _context(request: Request, line: Line, candidate: Candidate | None) -> dict[str, Any]:
    return {
        "order": {"value_minor": request.order_value_minor, "currency": request.currency},
        "destination": {
            "country": request.destination.country, "postcode": request.destination.postcode,
        },
        "line": {name: getattr(line, name) for name in FIELDS["line"]},
        "candidate": {name: getattr(candidate, name) for name in FIELDS["candidate"]}
        if candidate else {},
    }  # fmt: skip
