"""Lists: newest first, a page at a time, from a cursor that is an object's id."""

import json

from stripe_sandbox.call import Call
from stripe_sandbox.errors import invalid_request, missing
from stripe_sandbox.expansion import expanded
from stripe_sandbox.shapes import JsonObject
from stripe_sandbox.store import Value

DEFAULT_LIMIT = 10
MOST = 100
COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


class Conditions:
    """The WHERE clause of one list."""

    def __init__(self, call: Call, kind: str) -> None:
        self.tests = ["account = ?", "type = ?"]
        self.values: list[Value] = [call.account, kind]

    def add(self, test: str, *values: Value) -> None:
        self.tests.append(test)
        self.values.extend(values)


def page(
    call: Call,
    kind: str,
    url: str,
    filters: tuple[str, ...],
    conditions: Conditions | None = None,
) -> JsonObject:
    """One page of a kind of object; `filters` name parameters that equal top-level fields."""
    conditions = conditions or Conditions(call, kind)
    for name in filters:
        if name in call.params:
            conditions.add(f"json_extract(body, '$.{name}') = ?", call.params[name])
    within(conditions, "created", call.params.get("created"))
    limit = _limit(call.params.get("limit", DEFAULT_LIMIT))
    backwards = "ending_before" in call.params
    for name, comparison in (("starting_after", "<"), ("ending_before", ">")):
        if name in call.params:
            seq = _seq(call, kind, call.params[name], name)
            conditions.add(f"seq {comparison} ?", seq)
    order = "ASC" if backwards else "DESC"
    rows = call.store.rows(
        f"SELECT body FROM objects WHERE {' AND '.join(conditions.tests)} "
        f"ORDER BY seq {order} LIMIT ?",
        (*conditions.values, limit + 1),
    )
    found = [json.loads(row["body"]) for row in rows[:limit]]
    if backwards:
        found.reverse()
    listed = {"object": "list", "data": found, "has_more": len(rows) > limit, "url": url}
    return expanded(call, listed)


def within(conditions: Conditions, column: str, asked: int | dict[str, int] | None) -> None:
    """An exact second, or bounds; `column` is our own expression, never the request's."""
    if isinstance(asked, int):
        conditions.add(f"{column} = ?", asked)
    for name, bound in asked.items() if isinstance(asked, dict) else ():
        conditions.add(f"{column} {COMPARISONS[name]} ?", bound)


def _limit(limit: int) -> int:
    if limit < 1:
        raise invalid_request(
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param="limit",
        )
    if limit > MOST:
        raise invalid_request(
            f"This value must be less than or equal to {MOST}.",
            code="parameter_invalid_integer",
            param="limit",
        )
    return limit


def _seq(call: Call, kind: str, cursor: str, param: str) -> int:
    row = call.store.row(
        "SELECT seq FROM objects WHERE account = ? AND type = ? AND id = ?",
        (call.account, kind, cursor),
    )
    if row is None:
        raise missing(kind, cursor, param=param, status=400)
    seq: int = row["seq"]
    return seq
