"""What staff see of routing: versions with their figures, one decision, one simulation."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from marketplace.kit.errors import Forbidden, NotFound
from marketplace.kit.principal import Kind, Principal
from marketplace.kit.transactions import connection, transaction
from marketplace.routing import agreement
from marketplace.routing.agreement import Figures
from marketplace.routing.models import RoutingChange, RoutingRuleSet, RoutingSimulation
from marketplace.routing.states import RuleSetState

_LIST = """
    SELECT rules.id, rules.version, rules.name, rules.state, rules.rollout_percent,
        rules.created_at, rules.activated_at, channel.id AS channel_id, channel.code, channel.name
            AS channel_name
    FROM routing_rule_set rules JOIN channel ON channel.id = rules.channel_id
    ORDER BY channel.code, rules.version DESC LIMIT 300
"""
_CHANNEL = "SELECT code, name, currency FROM channel WHERE id = $1"
_DECISION = """
    SELECT decision.*, sub_order.number, orders.number AS order_number, orders.id AS order_id,
        rules.name AS rules_name, rules.channel_id
    FROM routing_decision decision
    JOIN sub_order ON sub_order.id = decision.sub_order_id
    JOIN orders ON orders.id = decision.order_id
    JOIN routing_rule_set rules ON rules.id = decision.rule_set_id
"""
_BY_NUMBER = f"{_DECISION} WHERE sub_order.number = $1"
_DRAWN = f"""{_DECISION} WHERE decision.cause <> 'before'
    ORDER BY md5($1 || sub_order.number), sub_order.number LIMIT $2"""
_NAMES = """
    SELECT 'staff:' || id AS key, name FROM app_user WHERE 'staff:' || id = ANY($1)
"""
_SELLERS = "SELECT id::text, name FROM vendor WHERE id = ANY($1)"
_DISAGREED = """
    SELECT sub_order.number, decision.decided_at
    FROM routing_decision decision JOIN sub_order ON sub_order.id = decision.sub_order_id
    WHERE decision.shadow_id = $1 AND NOT shadow_agrees AND decided_at >= $2
    ORDER BY decision.id DESC LIMIT 20
"""


@dataclass(frozen=True, slots=True)
class ListedRules:
    id: UUID
    version: int
    name: str
    state: RuleSetState
    rollout_percent: int
    created_at: datetime
    activated_at: datetime | None
    channel_id: UUID
    code: str
    channel_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeRules:
    """A version with its history; `active` is the one that decides its channel now.

    `people` are names by a principal's key.
    """

    rules: RoutingRuleSet
    channel: str
    currency: str
    active: RoutingRuleSet
    changes: Sequence[RoutingChange]
    simulations: Sequence[RoutingSimulation]
    figures: Figures | None
    disagreed: Sequence[tuple[str, datetime]]
    people: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDecision:
    """`lines` as `decisions.DecidedLine` in JSON; `taken` is stock by the line's own name.

    `sellers` are the candidates' names, by their ids.
    """

    number: str
    order_number: str
    order_id: UUID
    cause: str
    rule_set_id: UUID
    rules_name: str
    version: int
    inputs: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]
    taken: Mapping[str, str]
    shadow_id: UUID | None
    shadow_agrees: bool | None
    shadow_chosen: Mapping[str, str | None]
    decided_at: datetime
    sellers: Mapping[str, str]


async def rule_sets(*, principal: Principal) -> list[ListedRules]:
    """By channel, the newest version first."""
    _refuse_outsiders(principal)
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(_LIST)
    return [ListedRules(**{**row, "state": RuleSetState(row["state"])}) for row in rows]


async def rule_set(*, principal: Principal, rule_set_id: UUID) -> WholeRules:
    _refuse_outsiders(principal)
    async with transaction(principal, read_only=True):
        rules = await RoutingRuleSet.get_or_none(id=rule_set_id)
        if rules is None:
            raise NotFound("rule set")
        channel = await connection().fetchrow(_CHANNEL, rules.channel_id)
        tried = rules.shadowed_at is not None
        changes = await RoutingChange.filter(rule_set_id=rules.id).order_by("-id").limit(50)
        names = await connection().fetch(_NAMES, [change.actor for change in changes])
        disagreed = await connection().fetch(_DISAGREED, rules.id, rules.shadowed_at)
        return WholeRules(
            rules=rules,
            channel=channel["name"],
            currency=channel["currency"],
            active=await RoutingRuleSet.get(channel_id=rules.channel_id, state=RuleSetState.ACTIVE),
            changes=changes,
            simulations=await RoutingSimulation.filter(rule_set_id=rules.id)
            .order_by("-id")
            .limit(10),
            figures=await agreement.of(rules.id) if tried else None,
            people={"system": "Souk"} | {row["key"]: row["name"] for row in names},
            disagreed=[(row["number"], row["decided_at"]) for row in disagreed],
        )


async def simulation(*, principal: Principal, simulation_id: UUID) -> RoutingSimulation:
    _refuse_outsiders(principal)
    async with transaction(principal, read_only=True):
        found = await RoutingSimulation.get_or_none(id=simulation_id)
    if found is None:
        raise NotFound("simulation")
    return found


async def decision(*, principal: Principal, number: str) -> KeptDecision:
    """Why the sub-order of this number is served from where it is."""
    _refuse_outsiders(principal)
    async with transaction(principal, read_only=True):
        row = await connection().fetchrow(_BY_NUMBER, number.strip().upper())
        if row is None:
            raise NotFound("routing decision")
        return _kept(row, await _sellers([row]))


async def drawn(*, principal: Principal, seed: str, most: int) -> list[KeptDecision]:
    """Up to so many decisions by lot; the same seed draws the same while none are added."""
    _refuse_outsiders(principal)
    async with transaction(principal, read_only=True):
        rows = await connection().fetch(_DRAWN, seed, most)
        sellers = await _sellers(rows)
    return [_kept(row, sellers) for row in rows]


async def _sellers(decisions: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    lines = [line for row in decisions for line in json.loads(row["lines"] or "[]")]
    ids = {one["vendor_id"] for line in lines for one in line["candidates"]}
    return {row["id"]: row["name"] for row in await connection().fetch(_SELLERS, list(ids))}


def _kept(row: Mapping[str, Any], sellers: Mapping[str, str]) -> KeptDecision:
    kept = {name: json.loads(row[name] or "{}") for name in _JSON}
    names = [name for name in KeptDecision.__slots__ if name not in (*kept, "sellers")]
    return KeptDecision(**{name: row[name] for name in names}, **kept, sellers=sellers)


_JSON = ("inputs", "lines", "taken", "shadow_chosen")


def _refuse_outsiders(principal: Principal) -> None:
    if principal.kind not in (Kind.STAFF, Kind.SYSTEM):
        raise Forbidden("see routing")
