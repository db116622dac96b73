"""Try a version on decisions of the past: how many would be others, and which.

A simulation is a row; the worker takes the next few decisions of it at a time, so that it goes on
where a dead worker stopped. Nothing is decided anew: past requests are judged again.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.errors import InvalidInput, NotFound
from marketplace.kit.ids import new_id
from marketplace.kit.principal import SYSTEM, Principal
from marketplace.kit.transactions import atomic, connection, transaction
from marketplace.routing import documents, rule_sets
from marketplace.routing.deciding import decide
from marketplace.routing.documents import RuleSet
from marketplace.routing.models import RoutingRuleSet, RoutingSimulation
from marketplace.routing.requests import Request

MOST = 10_000
AT_ONCE = 200
MOST_TOLD = 100  # differences that are listed

_COUNT = """
    SELECT count(*) FROM (
        SELECT 1 FROM routing_decision JOIN orders ON orders.id = order_id
        WHERE channel_id = $1 AND cause <> 'before' LIMIT $2
    ) newest
"""
_CLAIM = """
    SELECT * FROM routing_simulation WHERE finished_at IS NULL
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
# Newest first, so that `wanted` are the last ones.
_NEXT = """
    SELECT decision.id, decision.inputs, decision.lines, sub_order.number
    FROM routing_decision decision
    JOIN orders ON orders.id = decision.order_id
    JOIN sub_order ON sub_order.id = decision.sub_order_id
    WHERE channel_id = (SELECT channel_id FROM routing_rule_set WHERE id = $1)
        AND cause <> 'before' AND decision.id <= $4
        AND ($2::uuid IS NULL OR decision.id < $2)
    ORDER BY decision.id DESC LIMIT $3
"""
_ADVANCE = """
    UPDATE routing_simulation SET done = done + $2, differing = differing + $3, after_id = $4,
        differences = differences || $5::jsonb, finished_at = CASE WHEN $6 THEN $7::timestamptz END
    WHERE id = $1
"""


@atomic()
async def start(*, principal: Principal, rule_set_id: UUID, wanted: int, now: datetime) -> UUID:
    """Try a version, as it is now, on the last `wanted` decisions of its channel."""
    rule_sets.refuse_outsiders(principal, "simulate routing rules")
    if not 1 <= wanted <= MOST:
        raise InvalidInput("orders", "too few or too many", f"1 to {MOST}")
    rules = await RoutingRuleSet.get_or_none(id=rule_set_id)
    if rules is None:
        raise NotFound("rule set")
    rule_sets.check(rules.document)
    there = await connection().fetchval(_COUNT, rules.channel_id, wanted)
    if not there:
        raise InvalidInput("orders", "there are none yet", "a channel with orders")
    simulation = await RoutingSimulation.create(
        id=new_id(now), rule_set_id=rules.id, edition=rules.edition, document=rules.document,
        wanted=there, differences=[], asked_by=principal.key, asked_at=now,
    )  # fmt: skip
    return simulation.id


async def work_off(*, now: datetime) -> int:
    """Judge the next few decisions of one open simulation; answers with how many."""
    async with transaction(SYSTEM):
        row = await connection().fetchrow(_CLAIM)
        if row is None:
            return 0
        rules = documents.parse(
            json.loads(row["document"]), rule_set_id=str(row["rule_set_id"]), version=0
        )
        most = min(AT_ONCE, row["wanted"] - row["done"])
        decisions = await connection().fetch(
            _NEXT, row["rule_set_id"], row["after_id"], most, row["id"]
        )
        found = differences(rules, decisions)
        told = found[: max(MOST_TOLD - len(json.loads(row["differences"])), 0)]
        is_over = len(decisions) < most or row["done"] + len(decisions) == row["wanted"]
        await connection().execute(
            _ADVANCE, row["id"], len(decisions), len(found),
            decisions[-1]["id"] if decisions else row["after_id"], json.dumps(told), is_over, now,
        )  # fmt: skip
    return max(len(decisions), 1)


def differences(rules: RuleSet, decisions: Sequence[Any]) -> list[dict[str, Any]]:
    """The lines that these rules would serve from elsewhere than was decided."""
    found = []
    for row in decisions:
        before = {line["line_id"]: _place(line) for line in json.loads(row["lines"])}
        asked = Request.of_json(json.loads(row["inputs"]))
        other = [
            {"sku": line["sku"], "was": before[line["line_id"]], "would_be": _place(line)}
            for line in decide(rules, asked).lines_json()
            if before[line["line_id"]] != _place(line)
        ]
        if other:
            found.append({"sub_order": row["number"], "lines": other})
    return found


def _place(line: dict[str, Any]) -> str:
    """Who won it, as people know them."""
    won = [one for one in line["candidates"] if one["verdict"] == "won"]
    return f"{won[0]['vendor']}, {won[0]['location_name']}" if won else "nobody"
